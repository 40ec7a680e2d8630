--- The running client, and requests to it. Nothing here draws.

local M = {}

---@type table<string, fun(value: table)> partial results by token
local partial = {}
local tokens = 0

--- The client of a buffer, else any.
---@param buffer? integer
---@return vim.lsp.Client?
function M.get(buffer)
  local found = buffer and vim.lsp.get_clients({ name = 'lanyard', bufnr = buffer }) or {}
  return found[1] or vim.lsp.get_clients({ name = 'lanyard' })[1]
end

--- The client, or one line for the user and nil.
---@param buffer? integer
---@return vim.lsp.Client?
function M.need(buffer)
  local client = M.get(buffer)
  if not client then
    M.say('Lanyard does not run here; :checkhealth lanyard says why', vim.log.levels.WARN)
  end
  return client
end

---@param line string
---@param level? integer
function M.say(line, level)
  vim.notify((line:gsub('%s+', ' ')), level or vim.log.levels.INFO, { title = 'Lanyard' })
end

--- Send a request; `done(result)` on success, one line for the user otherwise.
---@param client vim.lsp.Client
---@param method string
---@param params any
---@param done fun(result: any)
---@param failed? fun(message: string)
---@return fun() cancel
function M.ask(client, method, params, done, failed)
  local function answered(err, result)
    if err then
      local message = err.message or tostring(err)
      if failed then
        failed(message)
      elseif err.code ~= -32800 then
        M.say(message, vim.log.levels.WARN)
      end
      return
    end
    done(result)
  end
  local modern = vim.fn.has('nvim-0.11') == 1
  local sent, id
  if modern then
    sent, id = client:request(method, params, answered)
  else
    sent, id = client.request(method, params, answered)
  end
  if not sent then
    answered({ message = 'Lanyard has stopped; :Lanyard restart starts it again' })
  end
  return function()
    if not id then
      return
    end
    if modern then
      client:cancel_request(id)
    else
      client.cancel_request(id)
    end
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
function M.on_progress(err, params, ctx, config)
  local take = params and partial[params.token]
  if take then
    take(params.value)
    return
  end
  return vim.lsp.handlers['$/progress'](err, params, ctx, config)
end

return M
