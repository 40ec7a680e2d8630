// A small extension of the tests: a workspace that is on no disk, `memfs:/shop`, with two Python files.
const vscode = require("vscode");

const FOLDER = "/shop";
const files = new Map([
  ["/shop/money.py", "class Money:\n    def __init__(self, cents: int) -> None:\n        self.cents = cents\n"],
  ["/shop/orders.py", "def shipping(total: int, country: str) -> int:\n    return 490 if country == 'DE' else 1990\n"],
]);

const changes = new vscode.EventEmitter();
const lacks = (uri) => vscode.FileSystemError.FileNotFound(uri);
const stats = (type, size) => ({ type, ctime: 0, mtime: 0, size });

const provider = {
  onDidChangeFile: changes.event,
  watch: () => new vscode.Disposable(() => undefined),
  stat(uri) {
    const content = files.get(uri.path);
    if (content !== undefined) return stats(vscode.FileType.File, content.length);
    if (uri.path === FOLDER || uri.path === "/") return stats(vscode.FileType.Directory, 0);
    throw lacks(uri);
  },
  readDirectory(uri) {
    if (uri.path !== FOLDER) throw lacks(uri);
    return [...files.keys()].map((path) => [path.slice(FOLDER.length + 1), vscode.FileType.File]);
  },
  readFile(uri) {
    if (!files.has(uri.path)) throw lacks(uri);
    return new TextEncoder().encode(files.get(uri.path));
  },
  writeFile(uri, content) {
    files.set(uri.path, new TextDecoder().decode(content));
    changes.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  },
  createDirectory: (uri) => { throw vscode.FileSystemError.NoPermissions(uri); },
  delete: (uri) => { throw vscode.FileSystemError.NoPermissions(uri); },
  rename: (uri) => { throw vscode.FileSystemError.NoPermissions(uri); },
};

exports.activate = (context) => context.subscriptions.push(vscode.workspace.registerFileSystemProvider("memfs", provider));
