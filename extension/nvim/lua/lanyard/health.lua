--- `:checkhealth lanyard`

local M = {}

local ICON = { ok = 'ok', problem = 'error', missing = 'warn' }

--- Say what is missing.
function M.check()
  local health = vim.health
  health.start('Lanyard')
  if vim.fn.has('nvim-0.10') == 0 then
    health.error('Neovim 0.10 or newer is needed for this plugin', 'see docs/editors.md for older ones')
    return
  end
  local command = require('lanyard.config').options.cmd
  if vim.fn.executable(command[1]) == 0 then
    health.error(command[1] .. ' is not on the PATH', 'install it with `uv tool install lanyard` or `pipx install lanyard`')
    return
  end
  local version = vim.fn.system({ command[1], '--version' })
  if vim.v.shell_error ~= 0 then
    health.warn(('`%s --version` fails: %s'):format(command[1], vim.trim(version)))
  else
    health.ok(vim.trim(version))
  end
  local servers = vim.lsp.get_clients({ name = 'lanyard' })
  if #servers == 0 then
    health.warn('The server does not run', "open a file of a known type; vim.lsp.enable('lanyard') or require('lanyard').setup() in your init.lua")
  end
  for _, server in ipairs(servers) do
    health.ok(('the server serves %d buffers in %s'):format(vim.tbl_count(server.attached_buffers), server.root_dir or 'no folder'))
  end
  local drawn = require('lanyard.config').builtin(0) and "Neovim's own" or 'drawn by this plugin'
  health.info('ghost text: ' .. (require('lanyard.config').options.ghost.enable and drawn or 'off'))
  health.start('Lanyard: what `lanyard doctor` says')
  local out = vim.fn.system({ command[1], 'doctor', '--json' })
  for line in vim.gsplit(out, '\n', { trimempty = true }) do
    local decoded, check = pcall(vim.json.decode, line)
    if decoded and type(check) == 'table' then
      local say = health[ICON[check.status] or 'info']
      say(check.what, check.next and check.next ~= '' and check.next or nil)
    end
  end
end

return M
