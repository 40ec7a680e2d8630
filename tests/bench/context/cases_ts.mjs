// Makes further cases of ctxbench's form from npm packages that ship TypeScript, with the TypeScript checker as the oracle.
//
//     node tests/bench/context/cases_ts.mjs TYPESCRIPT agree CTXBENCH        # against the shipped cases, at the same places
//     node tests/bench/context/cases_ts.mjs TYPESCRIPT make CORPUS OUT.jsonl # each folder of CORPUS is a repository
//
// TYPESCRIPT is the folder of the package `typescript`. What is right is said by the checker, not here.
import fs from "node:fs"
import path from "node:path"
import { createRequire } from "node:module"

const [typescript, verb, corpus, out] = process.argv.slice(2)
const ts = createRequire(import.meta.url)(path.resolve(typescript))
const LINES = 18
const SLICES = 14
const SECONDS = 25

function* sourcesOf(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const full = path.join(folder, entry.name)
    if (entry.isDirectory() && entry.name !== "node_modules") yield* sourcesOf(full)
    else if (/\.tsx?$/.test(entry.name) && !/\.d\.ts$/.test(entry.name)) yield full
  }
}

class Oracle {
  constructor(root) {
    this.root = path.resolve(root)
    const files = [...sourcesOf(this.root)]
    const options = {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      allowImportingTsExtensions: true,
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      experimentalDecorators: true,
      jsx: ts.JsxEmit.Preserve,
      types: [],
    }
    this.program = ts.createProgram(files, options)
    this.checker = this.program.getTypeChecker()
    this.files = files
  }

  relative(source) {
    return path.relative(this.root, source.fileName).split(path.sep).join("/")
  }

  inside(source) {
    return !source.isDeclarationFile && !this.relative(source).startsWith("..") && !this.relative(source).includes("node_modules")
  }

  declarations(identifier) {
    let symbol = this.checker.getSymbolAtLocation(identifier)
    if (!symbol) return []
    if (ts.isShorthandPropertyAssignment(identifier.parent)) {
      symbol = this.checker.getShorthandAssignmentValueSymbol(identifier.parent) ?? symbol
    }
    if (symbol.flags & ts.SymbolFlags.Alias) symbol = this.checker.getAliasedSymbol(symbol)
    return symbol.declarations ?? []
  }

  alternative(node) {
    const source = node.getSourceFile()
    if (!this.inside(source) || !node.name || !(ts.isIdentifier(node.name) || ts.isPrivateIdentifier(node.name))) return null
    const text = source.text
    const line = source.getLineAndCharacterOfPosition(node.name.getStart(source)).line + 1
    const made = { kind: "", name: node.name.text, owner: null, file: this.relative(source), line, params: [] }
    const head = (end) => text.slice(node.getStart(source), end).trim()
    const owned = () => {
      const parent = node.parent
      return (ts.isClassDeclaration(parent) || ts.isInterfaceDeclaration(parent)) && parent.name ? parent.name.text : undefined
    }
    const isOf = (...tests) => tests.some((test) => test(node))
    if (isOf(ts.isFunctionDeclaration)) {
      if (!outside(node)) return null
      return { ...made, kind: "func", params: paramsOf(node), sig: head(node.body?.pos ?? node.end) }
    }
    if (isOf(ts.isMethodDeclaration, ts.isMethodSignature, ts.isGetAccessor)) {
      const owner = owned()
      if (!owner) return null
      return { ...made, kind: "func", owner, params: paramsOf(node), sig: head(node.body?.pos ?? node.end) }
    }
    if (isOf(ts.isVariableDeclaration)) {
      if (!outside(node)) return null
      const value = node.initializer
      if (value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))) {
        return { ...made, kind: "func", params: paramsOf(value), sig: head(value.body.pos) }
      }
      return { ...made, kind: "var", sig: head(node.end).slice(0, 200) }
    }
    if (isOf(ts.isClassDeclaration)) {
      const use = constructorOf(node, this.checker)
      return { ...made, kind: "class", sig: head(node.members.pos), ...(use ? { use } : {}) }
    }
    if (isOf(ts.isInterfaceDeclaration)) {
      const names = node.members.filter((one) => one.name && ts.isIdentifier(one.name)).map((one) => one.name.text)
      const use = names.length ? { use: { how: "fields", names: names.slice(0, 10) } } : {}
      return { ...made, kind: "interface", sig: head(node.members.pos), ...use }
    }
    if (isOf(ts.isTypeAliasDeclaration)) return { ...made, kind: "type", sig: head(node.end).slice(0, 200) }
    if (isOf(ts.isEnumDeclaration)) return { ...made, kind: "enum", sig: head(node.members.pos) }
    return null
  }

  targets(source, start, end, inner) {
    const here = this.relative(source)
    const found = new Map()
    const visit = (node) => {
      if (node.end <= start || node.pos >= end) return
      if (ts.isIdentifier(node) && node.getStart(source) >= start && node.end <= end) this.#ask(node, source, here, inner, found)
      ts.forEachChild(node, visit)
    }
    visit(source)
    return [...found.values()]
  }

  #ask(node, source, here, inner, found) {
    if (isOwnName(node)) return
    const alts = []
    for (const declaration of this.declarations(node)) {
      const made = this.alternative(declaration)
      const from = declaration.getSourceFile()
      const own = inner && from === source && declaration.getStart(from) >= inner[0] && declaration.end <= inner[1]
      if (made && !own) alts.push(made)
    }
    if (!alts.length) return
    const first = alts[0]
    const key = `${first.file}:${first.line}:${first.name}`
    if (!found.has(key)) found.set(key, { name: node.text, alts, cross: alts.every((one) => one.file !== here) })
  }

  callers(declaration) {
    const found = []
    const name = declaration.name.text
    for (const file of this.files) {
      const source = this.program.getSourceFile(file)
      if (!source.text.includes(name)) continue
      const visit = (node, around) => {
        const inside = nameOf(node) ?? around
        if (ts.isCallExpression(node) && inside && found.length < 12) {
          const called = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression
          if (ts.isIdentifier(called) && called.text === name && this.declarations(called).includes(declaration)) {
            const line = source.getLineAndCharacterOfPosition(called.getStart(source)).line
            const relative = this.relative(source)
            const text = source.text.split("\n")[line].trim().split(/\s+/).join(" ")
            found.push({ file: relative, line: line + 1, text, caller: inside, test: /test|spec/.test(relative) })
          }
        }
        ts.forEachChild(node, (one) => visit(one, inside))
      }
      visit(source, "")
    }
    return found
  }
}

function nameOf(node) {
  if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.name) return node.name.getText()
  const value = ts.isVariableDeclaration(node) && node.initializer
  return value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) ? node.name.getText() : undefined
}

function isOwnName(node) {
  const parent = node.parent
  return ts.isPropertyAssignment(parent) ? parent.name === node : parent.name === node && !ts.isPropertyAccessExpression(parent) && !ts.isShorthandPropertyAssignment(parent)
}

function outside(node) {
  for (let one = node.parent; one; one = one.parent) if (ts.isFunctionLike(one)) return false
  return true
}

function paramsOf(node) {
  return node.parameters.filter((one) => ts.isIdentifier(one.name) && one.name.text !== "this").map((one) => one.name.text)
}

function constructorOf(node, checker) {
  for (let one = node, depth = 0; one && depth < 8; depth++) {
    const found = one.members.filter(ts.isConstructorDeclaration)
    if (found.length) {
      const names = paramsOf(found.find((each) => each.body) ?? found[0])
      return names.length ? { how: "init", names } : null
    }
    const base = one.heritageClauses?.find((each) => each.token === ts.SyntaxKind.ExtendsKeyword)?.types[0]?.expression
    let symbol = base && checker.getSymbolAtLocation(base)
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol)
    one = symbol?.declarations?.find(ts.isClassDeclaration)
    if (one?.getSourceFile().isDeclarationFile) return null
  }
  return null
}

function dice(seed) {
  let state = [...seed].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) >>> 0, 7)
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function shuffled(list, roll) {
  const copy = [...list]
  for (let at = copy.length - 1; at > 0; at--) {
    const other = Math.floor(roll() * (at + 1))
    ;[copy[at], copy[other]] = [copy[other], copy[at]]
  }
  return copy
}

function functionsOf(source) {
  const found = []
  const visit = (node) => {
    const value = ts.isVariableDeclaration(node) && node.initializer
    const arrow = value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value))
    const plain = (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.body && node.name && ts.isIdentifier(node.name)
    if ((plain || (arrow && ts.isIdentifier(node.name))) && outside(node)) found.push(node)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function statementsOf(node) {
  const found = []
  const visit = (one) => {
    if (ts.isExpressionStatement(one) || ts.isReturnStatement(one) || ts.isVariableStatement(one) || ts.isThrowStatement(one)) found.push(one)
    ts.forEachChild(one, visit)
  }
  visit(node)
  return found
}

function lineCase(oracle, repo, source, statement, roll) {
  const start = statement.getStart(source)
  const targets = oracle.targets(source, start, statement.end).filter((one) => one.cross)
  if (!targets.length) return null
  let begin = start
  if (roll() < 0.25) {
    const names = new Set(targets.map((one) => one.name))
    const visit = (node) => {
      if (begin === start && ts.isIdentifier(node) && names.has(node.text)) begin = node.getStart(source)
      else ts.forEachChild(node, visit)
    }
    visit(statement)
  }
  const from = source.getLineAndCharacterOfPosition(begin)
  const to = source.getLineAndCharacterOfPosition(statement.end)
  if (to.line - from.line > 14) return null
  const rest = source.text.slice(0, begin) + " " + source.text.slice(statement.end)
  const words = new Set(rest.match(/[\w$]+/g))
  const file = oracle.relative(source)
  return {
    id: `line/${repo}/${file}:${from.line + 1}`, track: "line", lang: "typescript", repo, file, line: from.line, col: from.character,
    mask: [from.line, from.character, to.line, to.character], groundtruth: source.text.slice(begin, statement.end),
    targets: targets.map((one) => ({ ...one, seen: words.has(one.name) })),
  }
}

function sliceCase(oracle, repo, source, node) {
  const whole = ts.isVariableDeclaration(node) ? node.parent.parent : node
  const start = whole.getStart(source)
  const from = source.getLineAndCharacterOfPosition(start)
  const to = source.getLineAndCharacterOfPosition(whole.end)
  if (to.line - from.line < 4 || to.line - from.line > 95) return null
  const targets = oracle.targets(source, start, whole.end, [start, whole.end])
  if (targets.length < 3 || targets.length > 11 || !targets.some((one) => one.cross)) return null
  const file = oracle.relative(source)
  const at = source.getLineAndCharacterOfPosition(node.name.getStart(source))
  const files = [...new Set([file, ...targets.flatMap((one) => one.alts.map((each) => each.file))])].sort()
  return {
    id: `slice/${repo}/${file}:${node.name.text}:${at.line + 1}`, track: "slice", lang: "typescript", repo, file, line: at.line, col: at.character,
    func: node.name.text, func_range: [from.line + 1, to.line + 1], mask: null, callers: oracle.callers(node), targets, def_files: files,
  }
}

function casesOf(root) {
  const oracle = new Oracle(root)
  const repo = path.basename(root)
  const roll = dice(repo)
  const begin = Date.now()
  const left = { line: LINES, slice: SLICES }
  const found = []
  const places = []
  for (const file of oracle.files) {
    const source = oracle.program.getSourceFile(file)
    if (source.text.includes("\r") || /[^\x00-\x7f]/.test(source.text)) continue
    for (const node of functionsOf(source)) places.push([source, node])
  }
  for (const [source, node] of shuffled(places, roll)) {
    if (left.line + left.slice === 0 || Date.now() - begin > SECONDS * 1000) break
    const track = roll() * (left.line + left.slice) < left.line ? "line" : "slice"
    let made = null
    if (track === "slice") made = sliceCase(oracle, repo, source, node)
    else {
      for (const one of shuffled(statementsOf(node), roll).slice(0, 4)) made ??= lineCase(oracle, repo, source, one, roll)
    }
    if (made && !found.some((one) => one.id === made.id)) {
      found.push(made)
      left[track]--
    }
  }
  return found
}

function agree(bench) {
  const shipped = fs.readFileSync(path.join(bench, "cases", "typescript.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line))
  let both = 0
  let alike = 0
  let ours = 0
  let theirs = 0
  for (const repo of [...new Set(shipped.map((one) => one.repo))]) {
    const oracle = new Oracle(path.join(bench, "corpus", "ts", repo))
    for (const one of shipped.filter((each) => each.repo === repo)) {
      const source = oracle.program.getSourceFile(path.join(oracle.root, one.file))
      const at = (line, column) => source.getPositionOfLineAndCharacter(line, column)
      const lines = source.text.split("\n")
      const [start, end] = one.mask
        ? [at(one.mask[0], one.mask[1]), at(one.mask[2], one.mask[3])]
        : [at(one.func_range[0] - 1, 0), at(one.func_range[1] - 1, lines[one.func_range[1] - 1].length)]
      const made = oracle.targets(source, start, end, one.mask ? undefined : [start, end]).filter((each) => !one.mask || each.cross)
      const names = new Map(made.map((each) => [each.name, each]))
      const asked = new Map(one.targets.map((each) => [each.name, each]))
      for (const [name, each] of names) {
        if (!asked.has(name)) { ours++; console.log("ours  ", one.id, name, each.alts[0].kind, each.alts[0].sig.slice(0, 60)) }
      }
      for (const [name, each] of asked) {
        if (!names.has(name)) { theirs++; console.log("theirs", one.id, name, each.alts[0].kind, each.alts[0].sig.slice(0, 60)); continue }
        both++
        const shape = (alt) => JSON.stringify([alt.kind, alt.owner, alt.file, alt.params, alt.use ?? null])
        const told = new Set(names.get(name).alts.map(shape))
        if (each.alts.every((alt) => told.has(shape(alt)))) alike++
        else console.log("fields", one.id, name, each.alts.map(shape).slice(0, 2).join(" "), "|", [...told].slice(0, 2).join(" "))
      }
    }
  }
  console.log(`both ${both} (${alike} alike in every field), only ours ${ours}, only theirs ${theirs}`)
}

if (verb === "agree") agree(corpus)
else {
  fs.writeFileSync(out, "")
  for (const name of fs.readdirSync(corpus).sort()) {
    const made = casesOf(path.join(corpus, name))
    fs.appendFileSync(out, made.map((one) => JSON.stringify(one) + "\n").join(""))
    console.log(`${name}: ${made.length} cases`)
  }
}
