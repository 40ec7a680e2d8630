--- One short text for a status line.

local M = {}

---@type { state: string, line: string }?
local last
local asked = false

local sign = { idle = '', starting = '…', queued = '⧗', working = '⟳', error = '!' }

--- The server told of a change.
---@param status { state: string, line: string }
function M.changed(status)
  last = status
  vim.schedule(function()
    vim.cmd.redrawstatus()
    vim.api.nvim_exec_autocmds('User', { pattern = 'LanyardStatus', data = status })
  end)
end

--- The server has ended.
---@param code integer
---@param signal integer
function M.ended(code, signal)
  asked = false
  if code == 0 and signal == 0 then
    last = nil
    return
  end
  M.changed({ state = 'error', line = 'Lanyard has stopped; :Lanyard restart starts it again' })
end

--- What is known now; the first call asks the server to tell of changes.
---@return { state: string, line: string }?
function M.get()
  local client = require('lanyard.client').get()
  if client and not asked then
    asked = true
    require('lanyard.client').ask(client, 'lanyard/fleet', vim.NIL, function(view)
      M.changed(view.status)
    end, function()
      asked = false
    end)
  end
  return last
end

---@return string
function M.text()
  local status = M.get()
  if not status then
    return ''
  end
  local mark = sign[status.state] or ''
  return mark == '' and 'Lanyard' or ('Lanyard %s %s'):format(mark, status.line)
end

return M
