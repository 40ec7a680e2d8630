--- Keeps the server running: one that ends by itself is started again for its buffers, less and less eagerly.

local M = {}

--- Waits before the next start, in ms. A server that lived for STEADY_MS begins at the first again.
local WAITS = { 200, 1000, 4000, 10000 }
local STEADY_MS = 60000

---@class lanyard.Kept
---@field buffers table<integer, true>
---@field since integer ms, as vim.uv.now() gives it
---@field config vim.lsp.ClientConfig

---@type table<integer, lanyard.Kept> by client id
local kept = {}
local stopped = {} ---@type table<integer, true> clients that someone wanted to end
local failures = 0
local waiting, starting = false, false
local later = {} ---@type fun()[]
local resting ---@type lanyard.Kept? the last one that was given up
---@type { code: integer, signal: integer, wanted: boolean }? how the server really ended that Neovim is being told of
local really

--- Whether a server will be there in a moment: it starts, or is about to be started again.
---@return boolean
function M.coming()
  return waiting or starting
end

--- A server was started; it has not answered yet.
function M.begun()
  starting = true
end

--- Start the server: `cmd` of the client. Where it ends by itself Neovim would say so with the path of its log, which is
--- more than a line of most screens: it is told of a calm end, and `ended` says what happened.
---@param dispatchers vim.lsp.rpc.Dispatchers
---@param config? vim.lsp.ClientConfig
---@return vim.lsp.rpc.PublicClient
function M.spawn(dispatchers, config)
  local on_exit, wanted = dispatchers.on_exit, false
  dispatchers.on_exit = function(code, signal)
    really = { code = code, signal = signal, wanted = wanted }
    on_exit(0, 0)
    really = nil
  end
  local around = config and { cwd = config.cmd_cwd, env = config.cmd_env, detached = config.detached }
  local rpc = vim.lsp.rpc.start(require('lanyard.config').command(), dispatchers, around)
  local terminate = rpc.terminate
  -- Neovim kills a server that is told to stop at once, or does not stop when told.
  rpc.terminate = function(...)
    wanted = true
    return terminate(...)
  end
  return rpc
end

--- Do something as soon as a server is there. Forgotten where none comes.
---@param action fun()
function M.once_there(action)
  later[#later + 1] = action
end

--- A client serves a buffer.
---@param client vim.lsp.Client
---@param buffer integer
function M.attached(client, buffer)
  local one = kept[client.id]
  if not one then
    one = { buffers = {}, since = vim.uv.now(), config = client.config }
    kept[client.id] = one
  end
  one.buffers[buffer] = true
  starting = false
  local actions = later
  later = {}
  for _, action in ipairs(actions) do
    vim.schedule(action)
  end
end

--- Buffers stay attached to a client that does nothing: Neovim never again tells of the changes to a buffer that was
--- edited while no client served it (`on_lines` of `vim/lsp.lua` detaches, and the buffer still counts as attached).
---@param buffers table<integer, true>
---@return fun() let_go
local function hold(buffers)
  local id ---@type integer?
  local function idle(dispatchers)
    return {
      request = function() return true, 1 end,
      notify = function() return true end,
      is_closing = function() return false end,
      terminate = function() dispatchers.on_exit(0, 0) end,
    }
  end
  for buffer in pairs(buffers) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      id = vim.lsp.start({ name = 'lanyard-waiting', cmd = idle }, { bufnr = buffer }) or id
    end
  end
  return function()
    local client = id and vim.lsp.get_client_by_id(id)
    if client then
      if vim.fn.has('nvim-0.11') == 1 then client:stop(true) else client.stop(true) end
    end
  end
end

--- Start a server as another one was, for all buffers of that one.
---@param one lanyard.Kept
local function again(one)
  local id ---@type integer?
  for buffer in pairs(one.buffers) do
    if vim.api.nvim_buf_is_loaded(buffer) then
      if id then
        vim.lsp.buf_attach_client(buffer, id)
      else
        id = vim.lsp.start(one.config, { bufnr = buffer })
        if id then
          -- Known before it attaches: it may end at once.
          kept[id] = { buffers = vim.deepcopy(one.buffers), since = vim.uv.now(), config = one.config }
        end
      end
    end
  end
end

--- A client has ended. Called wherever Neovim notices it.
---@param code integer
---@param signal integer
---@param id integer
function M.ended(code, signal, id)
  local untold = really
  if untold then
    code, signal = untold.code, untold.signal
    stopped[id] = stopped[id] or untold.wanted or nil
  end
  local function say(line)
    require('lanyard.status').ended(line)
    if untold and line ~= '' then
      vim.lsp.log.error(('lanyard quit with exit code %d and signal %d'):format(code, signal))
      require('lanyard.client').say(line, vim.log.levels.WARN)
    end
  end
  vim.schedule(function()
    local one, wanted = kept[id], stopped[id] or (code == 0 and signal == 0)
    kept[id], stopped[id], starting = nil, nil, false
    if vim.v.exiting ~= vim.NIL then
      return
    end
    local let_go = one and not wanted and hold(one.buffers) or function() end
    require('lanyard.client').lost(id)
    if wanted or not one then
      say(wanted and '' or 'Lanyard has stopped; :Lanyard log says why')
      return
    end
    failures = vim.uv.now() - one.since > STEADY_MS and 1 or failures + 1
    local wait = WAITS[failures]
    if not wait then
      failures, later = 0, { let_go }
      resting = one
      say('Lanyard stops again and again; see :Lanyard log, :Lanyard restart')
      return
    end
    waiting = true
    say('Lanyard has stopped; it is being started again')
    vim.defer_fn(function()
      waiting = false
      again(one)
      let_go()
    end, wait)
  end)
end

--- Stop every server and start it again for its buffers; where none runs, start one for this buffer.
function M.restart()
  failures = 0
  local ending = {} ---@type lanyard.Kept[]
  for _, client in ipairs(vim.lsp.get_clients({ name = 'lanyard' })) do
    local one = kept[client.id] or { buffers = {}, since = 0, config = client.config }
    for buffer in pairs(client.attached_buffers) do
      one.buffers[buffer] = true
    end
    ending[#ending + 1] = one
    stopped[client.id] = true
    if vim.fn.has('nvim-0.11') == 1 then client:stop() else client.stop() end
  end
  if #ending == 0 then
    local buffers = resting and resting.buffers or { [vim.api.nvim_get_current_buf()] = true }
    resting = nil
    for buffer in pairs(buffers) do
      if vim.api.nvim_buf_is_loaded(buffer) then
        require('lanyard').start(buffer)
      end
    end
    return
  end
  local held = {} ---@type fun()[]
  for _, one in ipairs(ending) do
    held[#held + 1] = hold(one.buffers)
  end
  local function go(tries)
    local left = vim.lsp.get_clients({ name = 'lanyard' })
    if #left > 0 and tries > 0 then
      vim.defer_fn(function() go(tries - 1) end, 50)
      return
    end
    for _, client in ipairs(left) do
      if vim.fn.has('nvim-0.11') == 1 then client:stop(true) else client.stop(true) end
    end
    for _, one in ipairs(ending) do
      again(one)
    end
    for _, let_go in ipairs(held) do
      let_go()
    end
  end
  go(60)
end

return M
