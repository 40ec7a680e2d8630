// The life of the server as the extension keeps it: started once, started again, waited for, and its word.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { CancellationTokenSource } from "vscode";
import { Server, type Word } from "../src/server/server";
import { type Client, clients, installs, place } from "./started";

const HERE = { command: "lanyard", args: ["serve"], version: "0.1.0" };
const output = { error: () => undefined, warn: () => undefined };
const globalState = { get: (_: string, otherwise: unknown) => otherwise };
const context = { extension: { packageJSON: { version: "0.1.0" } }, globalState };

let server: Server;
let words: Word[];

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_000_000 });
  clients.length = 0;
  place.found = HERE;
  words = [];
  server = new Server(context as never, output as never);
  server.onWord((word) => words.push(word));
});

afterEach(() => {
  server.dispose();
  mock.timers.reset();
});

/** Let everything happen that waits for nothing but promises. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    await Promise.resolve();
  }
}

async function begun(): Promise<Client> {
  void server.start();
  await settle();
  return last();
}

async function up(): Promise<Client> {
  const client = await begun();
  client.comesUp();
  await settle();
  return client;
}

function last(): Client {
  const client = clients.at(-1);
  assert.ok(client);
  return client;
}

/** The clients that run or will, and were never told to stop. */
const left = (): Client[] => clients.filter((one) => one.stops === 0);

const lines = (): string[] => words.map((word) => `${word.state}: ${word.line}`);

test("a restart while the server starts leaves one server", async () => {
  const first = await begun();
  void server.restart();
  await settle();
  assert.equal(clients.length, 2);
  first.comesUp();
  await settle();
  assert.equal(first.stops, 1);
  last().comesUp();
  await settle();
  assert.equal(last().stops, 0);
  assert.ok(server.running);
  assert.deepEqual(first.asked, []);
});

test("a start that another one overtakes while it looks for the program starts nothing", async () => {
  void server.start();
  void server.restart();
  await settle();
  assert.equal(clients.length, 1);
});

test("a server that dies is started again, each time after twice the pause", async () => {
  for (const pause of [500, 1000, 2000]) {
    const client = clients.length > 0 ? last() : await begun();
    client.comesUp();
    await settle();
    const before = clients.length;
    client.dies();
    assert.match(server.current.line, /has stopped; it is started again in \d+ s/);
    mock.timers.tick(pause - 1);
    await settle();
    assert.equal(clients.length, before);
    mock.timers.tick(1);
    await settle();
    assert.equal(clients.length, before + 1);
  }
});

test("a server that cannot start is tried again, and an end that is told twice counts once", async () => {
  const client = await begun();
  client.failsToStart();
  await settle();
  client.dies();
  mock.timers.tick(500);
  await settle();
  assert.equal(clients.length, 2);
  mock.timers.tick(10_000);
  await settle();
  assert.equal(clients.length, 2);
});

test("the end of a server that was stopped starts none", async () => {
  const client = await up();
  const restarting = server.restart();
  await settle();
  last().comesUp();
  await restarting;
  client.dies(); // told late
  assert.ok(server.running);
  mock.timers.tick(60_000);
  await settle();
  assert.equal(clients.length, 2);
});

test("whoever waits for a server that starts goes on when it is there", async () => {
  const client = await begun();
  let there = false;
  void server.there(new CancellationTokenSource().token).then(() => (there = true));
  await settle();
  assert.equal(there, false);
  client.comesUp();
  await settle();
  assert.equal(there, true);
});

test("whoever waits through a death goes on with the next server", async () => {
  (await up()).dies();
  let there = false;
  void server.there(new CancellationTokenSource().token).then(() => (there = true));
  mock.timers.tick(500);
  await settle();
  assert.equal(there, false);
  last().comesUp();
  await settle();
  assert.equal(there, true);
});

test("whoever waits for what is not installed is told at once, in one line", async () => {
  place.found = "the lanyard command is not installed";
  const waiting = server.start().then(() => server.there(new CancellationTokenSource().token));
  await assert.rejects(waiting, /^Error: Lanyard does not run: the lanyard command is not installed$/);
});

test("whoever waits can be cancelled", async () => {
  await begun();
  const cancel = new CancellationTokenSource();
  const waiting = server.there(cancel.token);
  cancel.cancel();
  await assert.rejects(waiting, /Cancel|^Error$/);
});

test("a completion that is answered soon changes no word, a slow one says that it thinks", async () => {
  const client = await up();
  words = [];
  let answer: (items: number) => void = () => undefined;
  client.around.completing(new Promise((resolve) => (answer = resolve)));
  mock.timers.tick(399);
  answer(1);
  await settle();
  mock.timers.tick(1000);
  assert.deepEqual(lines(), []);
  client.around.completing(new Promise((resolve) => (answer = resolve)));
  mock.timers.tick(400);
  assert.deepEqual(lines(), ["thinking: thinking of a completion"]);
  answer(0);
  await settle();
  assert.deepEqual(lines(), ["thinking: thinking of a completion", "idle: ready"]);
});

test("it thinks until the last of several completions is answered, a failed one too", async () => {
  const client = await up();
  words = [];
  let answer: (items: number) => void = () => undefined;
  let fail: (why: Error) => void = () => undefined;
  client.around.completing(new Promise((resolve) => (answer = resolve)));
  client.around.completing(new Promise((_, reject) => (fail = reject)));
  mock.timers.tick(400);
  answer(1);
  await settle();
  assert.deepEqual(lines(), ["thinking: thinking of a completion"]);
  fail(new Error("gone"));
  await settle();
  assert.deepEqual(lines(), ["thinking: thinking of a completion", "idle: ready"]);
});

test("restarts while the server before still stops leave one server", async () => {
  const first = await up();
  first.stopsSlowly = true;
  void server.restart();
  await settle();
  void server.restart(); // another setting is changed
  await settle();
  last().comesUp();
  await settle();
  first.stopped();
  await settle();
  last().comesUp();
  await settle();
  assert.ok(server.running);
  assert.equal(left().length, 1);
});

test("a look for the server that ends late starts no second one", async () => {
  place.found = "the lanyard command is not installed";
  void server.start();
  await settle();
  let late: (found: typeof HERE) => void = () => undefined;
  place.found = new Promise((resolve) => (late = resolve));
  mock.timers.tick(5000); // it looks again
  await settle();
  place.found = HERE;
  void server.restart(); // it was installed by a click meanwhile
  await settle();
  last().comesUp();
  await settle();
  late(HERE);
  await settle();
  assert.equal(left().length, 1);
});

test("a look for the server that ends after the extension starts nothing", async () => {
  place.found = "the lanyard command is not installed";
  void server.start();
  await settle();
  let late: (found: typeof HERE) => void = () => undefined;
  place.found = new Promise((resolve) => (late = resolve));
  mock.timers.tick(5000);
  await settle();
  server.dispose();
  late(HERE);
  await settle();
  assert.equal(clients.length, 0);
});

test("the word of the fleet, which names models and hosts, makes no link in the status", async () => {
  const client = await begun();
  const evil = "[ready](command:workbench.action.quit)";
  client.sendRequest = () => Promise.resolve({ status: { state: "idle", line: evil, detail: evil } });
  client.comesUp();
  await settle();
  assert.equal(server.current.line, "[ready] (command:workbench.action.quit)");
  assert.equal(server.current.detail, "[ready] (command:workbench.action.quit)");
});

test("two clicks on Install run one installer, and a third after it another", async () => {
  place.found = "the lanyard command is not installed";
  installs.length = 0;
  const clicks = [server.install(), server.install()];
  await settle();
  assert.equal(installs.length, 1);
  installs[0]?.(false);
  await Promise.all(clicks);
  void server.install();
  assert.equal(installs.length, 2);
});

test("Install is there again as soon as its installer is done, whatever becomes of the server", async () => {
  const client = await begun(); // and never answers
  installs.length = 0;
  void server.install();
  installs[0]?.(true);
  await settle();
  assert.notEqual(clients.at(-1), client);
  void server.install();
  assert.equal(installs.length, 2);
});

test("what a server says late, when another one is started, is not the word", async () => {
  const client = await begun();
  let late: (fleet: unknown) => void = () => undefined;
  client.sendRequest = () => new Promise((resolve) => (late = resolve));
  client.comesUp();
  await settle();
  void server.restart();
  await settle();
  late({ status: { state: "idle", line: "ready" } });
  await settle();
  assert.equal(server.current.state, "starting");
});

test("settings that are changed in the moment that the server ends are no failure that nobody hears of", async () => {
  const client = await up();
  client.sendNotification = () => Promise.reject(new Error("the connection is closed"));
  await server.configure();
});
