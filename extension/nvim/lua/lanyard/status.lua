--- One short text for a status line.

local M = {}

---@class lanyard.Status
---@field state string
---@field line string
---@field detail? string where the fleet is well but not whole: what is wrong, with the next step

---@type lanyard.Status?
local last
local asked, wanted = false, false

local sign = { idle = '', starting = '…', queued = '⧗', working = '⟳', error = '!' }

--- The server told of a change.
---@param status lanyard.Status
function M.changed(status)
  last = status
  vim.schedule(function()
    vim.cmd.redrawstatus()
    vim.api.nvim_exec_autocmds('User', { pattern = 'LanyardStatus', data = status })
  end)
end

--- The server has ended.
---@param line string for the user, '' where someone wanted it to end
function M.ended(line)
  asked = false
  if line == '' then
    last = nil
    return
  end
  M.changed({ state = 'error', line = line })
end

--- A server serves a buffer: ask it what was asked the one before.
function M.attached()
  if wanted then
    M.get()
  end
end

--- What is known now; the first call asks the server to tell of changes.
---@return lanyard.Status?
function M.get()
  local client = require('lanyard.client').get()
  if client and not asked then
    asked, wanted = true, true
    require('lanyard.client').ask(client, 'lanyard/fleet', vim.NIL, function(view)
      M.changed(view.status)
    end, function()
      asked = false
    end)
  end
  return last
end

--- The text; '' where Lanyard does not run.
---@return string
function M.text()
  local status = M.get()
  if not status then
    return ''
  end
  local mark = sign[status.state] or ''
  if mark == '' then
    -- "ready, 1 of 2 workers down: …"
    local fewer = status.line:match('^ready, ([^:]*)')
    return fewer and 'Lanyard ' .. fewer or 'Lanyard'
  end
  return ('Lanyard %s %s'):format(mark, status.line)
end

return M
