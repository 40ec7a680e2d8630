// Keys as the extension keeps them: in the secret storage, never in a setting.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Keys } from "../src/server/keys";

const secrets = new Map<string, string>();
const state = new Map<string, unknown>();
let locked = false;
const context = {
  secrets: {
    get: (name: string) => (locked ? Promise.reject(new Error("no key ring")) : Promise.resolve(secrets.get(name))),
    store: (name: string, key: string) => Promise.resolve(void secrets.set(name, key)),
    delete: (name: string) => Promise.resolve(void secrets.delete(name)),
  },
  globalState: {
    get: (name: string, otherwise: unknown) => state.get(name) ?? otherwise,
    update: (name: string, value: unknown) => Promise.resolve(void state.set(name, value)),
  },
};
const keys = new Keys(context as never);

beforeEach(() => {
  secrets.clear();
  state.clear();
  locked = false;
});

test("a key reaches the environment, and stands in the secret storage alone", async () => {
  await keys.keep("CELLAR_KEY", "s3cret");
  await keys.keep("ATTIC_KEY", "other");
  assert.deepEqual(await keys.environment(), { ATTIC_KEY: "other", CELLAR_KEY: "s3cret" });
  assert.ok(!JSON.stringify([...state]).includes("s3cret"));
});

test("an empty key forgets the one before it", async () => {
  await keys.keep("CELLAR_KEY", "s3cret");
  await keys.keep("CELLAR_KEY", "");
  assert.deepEqual(await keys.environment(), {});
  assert.deepEqual(keys.names, []);
  assert.equal(secrets.size, 0);
});

test("a secret storage that cannot be read leaves the server without keys, not unstarted", async () => {
  await keys.keep("CELLAR_KEY", "s3cret");
  locked = true;
  assert.deepEqual(await keys.environment(), {});
});

test("a secret storage that never answers does not keep the server from starting", async () => {
  await keys.keep("CELLAR_KEY", "s3cret");
  mock.timers.enable({ apis: ["setTimeout"] });
  const get = context.secrets.get;
  context.secrets.get = () => new Promise<undefined>(() => undefined);
  try {
    const found = keys.environment();
    mock.timers.tick(5000);
    assert.deepEqual(await found, {});
  } finally {
    context.secrets.get = get;
    mock.timers.reset();
  }
});
