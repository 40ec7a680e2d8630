--- The running client, and requests to it. Nothing here draws.

local M = {}

--- The code of a failure because the server ended.
M.LOST = -32098
--- The code of a request that was cancelled, as LSP has it.
M.CANCELLED = -32800

---@type table<string, fun(value: table)> partial results by token
local partial = {}
local tokens = 0
---@type table<integer, table<table, fun(err: table)>> what waits for an answer, by client
local open = {}

--- The client that serves a buffer.
---@param buffer integer
---@return vim.lsp.Client?
function M.of(buffer)
  return vim.lsp.get_clients({ name = 'lanyard', bufnr = buffer })[1]
end

--- The client of a buffer, else any.
---@param buffer? integer
---@return vim.lsp.Client?
function M.get(buffer)
  local known = buffer and vim.api.nvim_buf_is_valid(buffer)
  return known and M.of(buffer) or vim.lsp.get_clients({ name = 'lanyard' })[1]
end

--- The client, or one line for the user and nil.
---@param buffer? integer
---@return vim.lsp.Client?
function M.need(buffer)
  local client = M.get(buffer)
  if not client then
    local back = require('lanyard.keep').coming()
    M.say(
      back and 'Lanyard is starting; try once more in a moment'
        or 'Lanyard does not run here; :checkhealth lanyard says why',
      vim.log.levels.WARN
    )
  end
  return client
end

--- A line that has no room on the screen, after which Neovim would wait for a key: its beginning is shown, and :messages
--- has all of it.
---@param line string
---@param highlight? string
local function show_beginning(line, highlight)
  local height, room = vim.o.cmdheight, vim.v.echospace
  -- Only what is shown goes into the history, and with enough lines there is nothing to wait for.
  vim.o.cmdheight = math.min(math.ceil(vim.fn.strdisplaywidth(line) / vim.o.columns) + 1, math.max(height, vim.o.lines - 4))
  vim.api.nvim_echo({ { line, highlight } }, true, {})
  vim.o.cmdheight = height
  vim.cmd.redraw()
  local cut = vim.fn.matchstr(line, ('^.*\\%%<%dv'):format(room - #' … :messages'))
  vim.api.nvim_echo({ { cut .. ' … :messages', highlight } }, false, {})
end

--- Tell the user one line. What another plugin shows, it is given whole.
---@param line string
---@param level? integer
function M.say(line, level)
  line, level = vim.trim((line:gsub('%s+', ' '))), level or vim.log.levels.INFO
  local source = debug.getinfo(vim.notify, 'S').source
  local neovims = source:find('vim/_.*editor') or source:find('^=?%?$')
  if neovims and vim.fn.strdisplaywidth(line) > vim.v.echospace then
    show_beginning(line, level >= vim.log.levels.WARN and 'WarningMsg' or nil)
    return
  end
  vim.notify(line, level, { title = 'Lanyard' })
end

--- Send a request; `done(result)` on success, one line for the user otherwise. One that is cancelled has failed at once,
--- with the code M.CANCELLED: Neovim keeps the server's word of it to itself.
---@param client vim.lsp.Client
---@param method string
---@param params any
---@param done fun(result: any)
---@param failed? fun(message: string, code: integer?)
---@return fun() cancel
function M.ask(client, method, params, done, failed)
  local mine, over = {}, false
  local function answered(err, result)
    if over then
      return
    end
    over = true
    if open[client.id] then
      open[client.id][mine] = nil
    end
    if err then
      local message = err.message or tostring(err)
      if failed then
        failed(message, err.code)
      elseif err.code ~= M.CANCELLED then
        M.say(message, vim.log.levels.WARN)
      end
      return
    end
    done(result)
  end
  open[client.id] = open[client.id] or {}
  open[client.id][mine] = answered
  local modern = vim.fn.has('nvim-0.11') == 1
  local sent, id
  if modern then
    sent, id = client:request(method, params, answered)
  else
    sent, id = client.request(method, params, answered)
  end
  if not sent then
    answered({ message = 'Lanyard has stopped; try once more in a moment' })
  end
  return function()
    if not id or over then
      return
    end
    if modern then
      client:cancel_request(id)
    else
      client.cancel_request(id)
    end
    answered({ code = M.CANCELLED, message = 'cancelled' })
  end
end

--- A server has ended: what waits for its answers fails, with the code M.LOST.
---@param id integer
function M.lost(id)
  local waiting = open[id] or {}
  open[id] = nil
  for _, answered in pairs(waiting) do
    answered({ code = M.LOST, message = 'Lanyard has stopped' })
  end
end

--- Run one of the server's commands.
---@param client vim.lsp.Client
---@param command string
---@param arguments any[]
---@param done? fun(result: any)
---@param failed? fun(message: string)
---@return fun() cancel
function M.execute(client, command, arguments, done, failed)
  local params = { command = command, arguments = arguments }
  return M.ask(client, 'workspace/executeCommand', params, done or function() end, failed)
end

--- A token for partial results; `take(value)` gets each until `forget()` is called.
---@param take fun(value: table)
---@return string token
---@return fun() forget
function M.partials(take)
  tokens = tokens + 1
  local token = ('lanyard-nvim-%d-%d'):format(vim.fn.getpid(), tokens)
  partial[token] = take
  return token, function()
    partial[token] = nil
  end
end

--- Partial results go to whoever asked; everything else is Neovim's.
---@param err? lsp.ResponseError
---@param params lsp.ProgressParams
---@param ctx lsp.HandlerContext
---@param config? table
---@return any
function M.on_progress(err, params, ctx, config)
  local take = params and partial[params.token]
  if take then
    take(params.value)
    return
  end
  return vim.lsp.handlers['$/progress'](err, params, ctx, config)
end

return M
