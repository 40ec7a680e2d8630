-- Loaded at start: one command, nothing else. All of the plugin is loaded when it is first used.
if vim.g.loaded_lanyard then
  return
end
vim.g.loaded_lanyard = true

vim.api.nvim_create_user_command('Lanyard', function(given)
  if vim.fn.has('nvim-0.10') == 0 then
    vim.notify('Lanyard: this plugin needs Neovim 0.10; see docs/editors.md for older ones', vim.log.levels.WARN)
    return
  end
  require('lanyard.command').run(given)
end, {
  nargs = '*',
  range = true,
  desc = 'Lanyard: models on your own network',
  complete = function(lead, line)
    return require('lanyard.command').complete(lead, line)
  end,
})
