-- For vim.lsp.enable('lanyard') in Neovim 0.11 and later. Older ones: require('lanyard').start().
return require('lanyard.config').client()
