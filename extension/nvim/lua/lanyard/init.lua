--- Lanyard in Neovim: the server does the work, this plugin shows it.
---
---   vim.lsp.enable('lanyard')                        -- Neovim 0.11 and later, with the defaults
---   require('lanyard').setup({ ghost = { … } })      -- other options; starts it too

local M = {}

--- Set options and start the server for buffers of its file types.
---@param options? table see |lanyard-options|
function M.setup(options)
  if vim.fn.has('nvim-0.10') == 0 then
    vim.notify('Lanyard: this plugin needs Neovim 0.10; see docs/editors.md for older ones', vim.log.levels.WARN)
    return
  end
  require('lanyard.config').set(options)
  if vim.lsp.enable then
    vim.lsp.config('lanyard', require('lanyard.config').client())
    vim.lsp.enable('lanyard')
    return
  end
  local config = require('lanyard.config').options
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('lanyard', {}),
    pattern = config.filetypes,
    callback = function(event)
      M.start(event.buf)
    end,
  })
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and vim.tbl_contains(config.filetypes, vim.bo[buffer].filetype) then
      M.start(buffer)
    end
  end
end

--- Start the server for one buffer, or attach the buffer to the one that runs (Neovim 0.10).
---@param buffer? integer
---@return integer? client_id
function M.start(buffer)
  buffer = buffer or vim.api.nvim_get_current_buf()
  if vim.bo[buffer].buftype ~= '' then
    return nil
  end
  local config = require('lanyard.config')
  local client = config.client()
  local name = vim.api.nvim_buf_get_name(buffer)
  if not require('lanyard.chat').is(buffer) then
    client.root_dir = vim.fs.root(buffer, config.options.root_markers) or vim.fs.dirname(name)
  end
  return vim.lsp.start(client, { bufnr = buffer, reuse_client = client.reuse_client })
end

--- One short text for a status line: "" where Lanyard does not run.
---@return string
function M.status()
  return require('lanyard.status').text()
end

return M
