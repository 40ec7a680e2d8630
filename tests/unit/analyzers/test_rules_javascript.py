"""Where the imports of JavaScript and TypeScript lead to, over whole small workspaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.resolve import Resolver
from lanyard_analyzers.resolve.callbacks import handed, parameter_type
from unit.analyzers.slicing import write

SHOP = {
    "tsconfig.base.json": '{ "compilerOptions": { "baseUrl": ".", /* c */ "paths": { "@app/*": ["src/app/*"],\n'
    '"~lib": ["src/lib/index.ts"], // all of it\n "*": ["src/any/*"], }, } }',
    "packages/a/tsconfig.json": '{ "extends": "../../tsconfig.base.json", "compilerOptions": { "strict": true } }',
    "package.json": '{ "name": "root", "workspaces": ["packages/*"] }',
    "packages/a/package.json": '{ "name": "@x/a", "imports": { "#util/*": "./src/util/*.js" } }',
    "packages/b/package.json": '{ "name": "@x/b", "exports": { ".": { "types": "./dist/index.d.ts" },'
    ' "./sub/*": "./dist/sub/*.js" } }',
    "packages/c/package.json": '{ "name": "c", "main": "lib/main.js" }',
    "packages/c/lib/main.js": "class Old { go() {} }\nmodule.exports = Old;\n",
    "packages/b/src/index.ts": 'export * from "./deep.js";\nexport { default as Thing, k as kk } from "./thing";\n',
    "packages/b/src/deep.ts": "export class Deep { run(a: string): Deep { return this }\n static make() {"
    " return new Deep() } }\n",
    "packages/b/src/thing.tsx": "export default class Whatever { go() {} }\nconst k = 1;\nexport { k };\n",
    "packages/b/src/sub/q.ts": "export function q(x: number) {}\n",
    "src/app/z.ts": "export const z = (a: string) => a\n",
    "src/any/w.ts": "export const w = 1\n",
    "src/lib/index.ts": "const m = { get() {} };\nmodule.exports = m;\n",
    "packages/a/src/util/u.ts": "export interface U { name: string; deep: Deep }\nimport { Deep } from '@x/b'\n",
    "packages/a/src/self.js": "export const self = 1\n",
    "packages/a/src/dir/index.jsx": "export const Dir = () => null\n",
}
MAIN = "packages/a/src/main.ts"
HEAD = """\
import { Deep, Thing, kk } from '@x/b';
import { q } from '@x/b/sub/q';
import { z } from '@app/z';
import lib from '~lib';
import type { U } from '#util/u';
import * as all from '@x/b';
import Old from 'c';
import { self } from './self.js';
import { Dir } from './dir';
import { w } from 'w';
import { readFile } from 'fs';
const cj = require('~lib');
function main(u: U, { deep }: { deep: Deep }, each: (one: Deep, at: number) => void) {
  const made = new Deep().run('x'), thing = new Thing();
  const { deep: inner } = u;
  take((one, two) => one);
  new Takes((three) => three);
  return made;
}
function take(use: Use) {}
type Use = (one: Deep, two: Thing) => void;
class Takes { constructor(use?: (three: Deep) => void) {} }
class Sub extends Deep { private t = new Thing(); constructor(private readonly h: Thing) { super(); } x() {} }
interface Sub { more: Thing }
"""


@pytest.fixture
def resolver(tmp_path: Path) -> Resolver:
    return Resolver(Index(write(tmp_path, {**SHOP, MAIN: HEAD})))


@pytest.mark.parametrize(
    ("line", "chain", "expected"),
    [
        (17, "Deep", "packages/b/src/deep.ts Deep"),
        (17, "Thing", "packages/b/src/thing.tsx Whatever"),
        (17, "kk", "packages/b/src/thing.tsx k"),
        (17, "q", "packages/b/src/sub/q.ts q"),
        (17, "z", "src/app/z.ts z"),
        (17, "w", "src/any/w.ts w"),
        (17, "self", "packages/a/src/self.js self"),
        (17, "Dir", "packages/a/src/dir/index.jsx Dir"),
        (17, "lib.get", "src/lib/index.ts m.get"),
        (17, "cj.get", "src/lib/index.ts m.get"),
        (17, "all.Deep.make().run", "packages/b/src/deep.ts Deep.run"),
        (17, "Old().go", "packages/c/lib/main.js Old.go"),
        (17, "made.run", "packages/b/src/deep.ts Deep.run"),
        (17, "thing.go", "packages/b/src/thing.tsx Whatever.go"),
        (17, "u.name", "packages/a/src/util/u.ts U.name"),
        (17, "inner.run", "packages/b/src/deep.ts Deep.run"),
        (17, "one.run", "packages/b/src/deep.ts Deep.run"),
        (17, "two.go", "packages/b/src/thing.tsx Whatever.go"),
        (17, "three.run", "packages/b/src/deep.ts Deep.run"),
        (17, "main().run", "packages/b/src/deep.ts Deep.run"),
        (22, "this.t.go", "packages/b/src/thing.tsx Whatever.go"),
        (22, "this.h.go", "packages/b/src/thing.tsx Whatever.go"),
        (22, "this.run", "packages/b/src/deep.ts Deep.run"),
        (22, "this.more.go", "packages/b/src/thing.tsx Whatever.go"),
        (17, "readFile", ""),
    ],
)
def test_chains(resolver: Resolver, line: int, chain: str, expected: str) -> None:
    links = resolver.chain(MAIN, line, chain.split("."))
    assert (f"{links[0].place.path} {links[0].place.symbol.qualified}" if links else "") == expected


@pytest.mark.parametrize(
    "config",
    [
        "{",
        "[]",
        '{ "extends": "./tsconfig.json" }',
        '{ "compilerOptions": { "paths": { "*": "x", "@/*": [1], "a": {} }, "baseUrl": "../.." } }',
        "{" * 2000,
        "/* " * 3000,
    ],
)
def test_a_config_that_makes_no_sense_says_nothing(tmp_path: Path, config: str) -> None:
    files = {
        "tsconfig.json": config,
        "package.json": config,
        "a.ts": "import { b } from '@/b';\nb\n",
        "src/b.ts": "export const b = 1\n",
    }
    links = Resolver(Index(write(tmp_path, files))).chain("a.ts", 1, ("b",))
    assert [link.place.path for link in links] == ["src/b.ts"]


def test_nothing_outside_the_workspace_is_named(tmp_path: Path) -> None:
    content = "import { a } from '../../etc/a';\nimport { b } from '/etc/b';\nimport { c } from 'file:///c';\n"
    resolver = Resolver(Index(write(tmp_path, {"x/m.ts": content})))
    assert [resolver.chain("x/m.ts", 2, (name,)) for name in "abc"] == [(), (), ()]


@pytest.mark.parametrize(
    ("text", "at", "expected"),
    [
        ("(a: A, b: B) => C", 1, "B"),
        ("((value: Map<string, V>, x: X) => void) | null", 1, "X"),
        ("(this: Foo, a?: A) => void", 0, "A"),
        ("() => void", 0, ""),
        ("string", 0, ""),
        ("(a: A, b: { x: Y, z: Z", 1, "{ x: Y, z: Z"),
    ],
)
def test_the_type_of_a_parameter(text: str, at: int, expected: str) -> None:
    assert parameter_type(text, at) == expected


def test_what_is_handed_to_a_call() -> None:
    assert handed("a.b@1.2") == ("a.b", 1, 2)
    assert handed("a @ b") is None
    assert handed("user@host.com") is None
