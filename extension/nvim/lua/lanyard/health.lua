--- `:checkhealth lanyard`

local M = {}

local ICON = { ok = 'ok', problem = 'error', missing = 'warn' }

--- Another of the command's words in the place of `serve` and what follows it.
---@param command string[]
---@param ... string
---@return string[]
local function with(command, ...)
  local found = {}
  for _, word in ipairs(command) do
    if word == 'serve' then
      break
    end
    found[#found + 1] = word
  end
  return vim.list_extend(found, { ... })
end

--- Say what is missing.
function M.check()
  if vim.fn.has('nvim-0.10') == 0 then
    ---@diagnostic disable-next-line: deprecated, undefined-field
    local old = vim.health and vim.health.report_start and vim.health or require('health')
    old.report_start('Lanyard')
    old.report_error('Neovim 0.10 or newer is needed for this plugin', { 'see docs/editors.md for older ones' })
    return
  end
  local health = vim.health
  health.start('Lanyard')
  local command = require('lanyard.config').command()
  if vim.fn.executable(command[1]) == 0 then
    health.error(command[1] .. ' is neither on the PATH nor where uv and pipx put programs', {
      'install it with `uv tool install lanyard` or `pipx install lanyard`',
      "or name it: require('lanyard').setup({ cmd = { '/path/to/lanyard', 'serve' } })",
    })
    return
  end
  local version = vim.fn.system(with(command, '--version'))
  if vim.v.shell_error ~= 0 then
    health.warn(('`%s` fails: %s'):format(table.concat(with(command, '--version'), ' '), vim.trim(version)))
  else
    health.ok(('%s, %s'):format(vim.trim(version), command[1]))
  end
  local servers = vim.lsp.get_clients({ name = 'lanyard' })
  if #servers == 0 then
    health.warn('The server does not run', "open a file of a known type; vim.lsp.enable('lanyard') or require('lanyard').setup() in your init.lua")
  end
  for _, server in ipairs(servers) do
    local buffers = vim.tbl_count(server.attached_buffers)
    health.ok(('the server serves %d buffer%s in %s'):format(buffers, buffers == 1 and '' or 's', server.root_dir or 'no folder'))
  end
  local drawn = require('lanyard.config').builtin(0) and "Neovim's own" or 'drawn by this plugin'
  health.info('ghost text: ' .. (require('lanyard.config').options.ghost.enable and drawn or 'off'))
  health.start('Lanyard: what `lanyard doctor` says')
  local out = vim.fn.system(with(command, 'doctor', '--json'))
  for line in vim.gsplit(out, '\n', { trimempty = true }) do
    local decoded, check = pcall(vim.json.decode, line)
    if decoded and type(check) == 'table' then
      local say = health[ICON[check.status] or 'info']
      say(check.what, check.next and check.next ~= '' and check.next or nil)
    end
  end
end

return M
