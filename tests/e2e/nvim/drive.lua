-- Drives a headless Neovim (0.7 or newer) with the real server: opens a file, waits for conditions, writes what it
-- saw as JSON to $LANYARD_E2E_OUT. No plugin: the built-in client alone.
local out = assert(os.getenv("LANYARD_E2E_OUT"))
local python = assert(os.getenv("LANYARD_E2E_PYTHON"))
local scenario = assert(os.getenv("LANYARD_E2E_SCENARIO"))
local root = assert(os.getenv("LANYARD_E2E_ROOT"))
local seen = { messages = {}, ok = false }

local function finish(ok, why)
  seen.ok, seen.why = ok, why
  local file = assert(io.open(out, "w"))
  file:write(vim.fn.json_encode(seen))
  file:close()
  vim.cmd(ok and "qall!" or "cquit 1")
end

local function wait(what, condition)
  if not vim.wait(90000, condition, 20) then
    finish(false, "waited for " .. what)
  end
end

vim.lsp.handlers["window/showMessage"] = function(_, result)
  table.insert(seen.messages, result.message)
end

vim.cmd("edit " .. root .. "/shop/orders.py")
local buffer = vim.api.nvim_get_current_buf()
local client_id = vim.lsp.start_client({ name = "lanyard", cmd = { python, "-m", "lanyard_server", "serve" }, root_dir = root })
vim.lsp.buf_attach_client(buffer, client_id)
wait("the server", function()
  local client = vim.lsp.get_client_by_id(client_id)
  return client and client.initialized
end)
local client = vim.lsp.get_client_by_id(client_id)
seen.server_capabilities = vim.tbl_keys(client.server_capabilities)

local function line_with(piece)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    if line:find(piece, 1, true) then
      return number - 1
    end
  end
  finish(false, "no line with " .. piece)
end

local function request(method, params)
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 90000)
  local answer = answers and answers[client_id]
  if not answer or answer.err or answer.error then
    finish(false, method .. ": " .. vim.inspect(answer))
  end
  return answer.result
end

local function actions_at(line)
  local place = { line = line, character = 8 }
  return request("textDocument/codeAction", {
    textDocument = { uri = vim.uri_from_bufnr(buffer) },
    range = { start = place, ["end"] = place },
    context = { diagnostics = {} },
  })
end

-- Through the menu that a user sees.
local function run(line, title)
  local chosen
  vim.ui.select = function(items, options, choose)
    for _, item in ipairs(items) do
      if options.format_item(item):sub(1, #title) == title then
        chosen = true
        return choose(item)
      end
    end
    choose(nil)
  end
  vim.api.nvim_win_set_cursor(0, { line + 1, 8 })
  vim.lsp.buf.code_action()
  if not vim.wait(90000, function() return chosen end, 20) then
    finish(false, "no action " .. title)
  end
end

local scenarios = {}

function scenarios.review()
  run(line_with("def save_order"), "Review save_order")
  wait("findings", function() return #vim.diagnostic.get(buffer) > 0 end)
  seen.diagnostics = vim.tbl_map(function(d) return { d.lnum, d.message, d.source } end, vim.diagnostic.get(buffer))
  -- a line above moves them; their text stays with them
  vim.api.nvim_buf_set_lines(buffer, 0, 0, false, { "# a new first line" })
  local before = seen.diagnostics[1][1]
  wait("moved findings", function()
    local now = vim.diagnostic.get(buffer)
    return #now > 0 and now[1].lnum == before + 1
  end)
  finish(true)
end

function scenarios.refactor()
  run(line_with("def shipping"), "Refactor shipping")
  wait("the proposal", function() return #vim.diagnostic.get(buffer) > 0 end)
  seen.before = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  seen.titles = vim.tbl_map(function(a) return a.title end, actions_at(line_with("def shipping")))
  run(line_with("def shipping"), "Apply: Refactor shipping")
  wait("the edit", function()
    return not vim.deep_equal(seen.before, vim.api.nvim_buf_get_lines(buffer, 0, -1, false))
  end)
  wait("the proposal to go", function() return #vim.diagnostic.get(buffer) == 0 end)
  seen.after = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  vim.cmd("undo")
  seen.undone = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  finish(true)
end

function scenarios.completion()
  local last = vim.api.nvim_buf_line_count(buffer)
  vim.api.nvim_buf_set_lines(buffer, last, last, false, { "free = ship" })
  vim.api.nvim_win_set_cursor(0, { last + 1, 11 })
  wait("an item", function() -- the server opens its fleet in the background
    local result = request("textDocument/completion", {
      textDocument = { uri = vim.uri_from_bufnr(buffer) },
      position = { line = last, character = 11 },
      context = { triggerKind = 1 },
    })
    seen.items = result.items or result
    return #seen.items > 0
  end)
  finish(true)
end

local ok, problem = pcall(scenarios[scenario])
if not ok then
  finish(false, tostring(problem))
end
