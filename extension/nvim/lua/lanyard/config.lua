--- What the user may set, and the client's configuration made from it.

local M = {}

---@class lanyard.Keys
---@field accept string|false take the whole suggestion
---@field word string|false take its next word
---@field line string|false take its next line
---@field next string|false
---@field prev string|false
---@field dismiss string|false

---@class lanyard.Ghost
---@field enable boolean
---@field builtin boolean|'auto' Neovim's own drawing; 'auto': where vim.lsp.inline_completion is enabled already
---@field keys lanyard.Keys

---@class lanyard.Options
---@field cmd string[] the command that starts the server
---@field filetypes string[]
---@field root_markers string[]
---@field settings table<string, any> the server's settings, see docs/settings.md
---@field ghost lanyard.Ghost

---@type lanyard.Options
M.options = {
  cmd = { 'lanyard', 'serve' },
  filetypes = {
    'python', 'javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'go', 'rust', 'java', 'c', 'cpp',
    'cs', 'ruby', 'php', 'kotlin', 'lua', 'sh', 'bash', 'markdown',
  },
  root_markers = { '.git', 'pyproject.toml', 'package.json', 'go.mod', 'Cargo.toml' },
  settings = {},
  ghost = {
    enable = true,
    -- Neovim's own waits 200 ms after the last key; ours 20.
    builtin = 'auto',
    keys = { accept = '<Tab>', word = '<C-Right>', line = '<C-Down>', next = '<M-]>', prev = '<M-[>', dismiss = '<C-]>' },
  },
}

--- Set options.
---@param given? table options that differ from the defaults
function M.set(given)
  M.options = vim.tbl_deep_extend('force', M.options, given or {})
end

--- Whether Neovim draws the inline completions of a buffer itself.
---@param buffer integer
---@return boolean
function M.builtin(buffer)
  local wanted = M.options.ghost.builtin
  if not vim.lsp.inline_completion or wanted == false then
    return false
  end
  return wanted == true or vim.lsp.inline_completion.is_enabled({ bufnr = buffer })
end

--- The configuration of the client, for vim.lsp.config and vim.lsp.start alike.
---@return table
function M.client()
  local capabilities = vim.lsp.protocol.make_client_capabilities()
  if M.options.ghost.enable then
    capabilities.textDocument.inlineCompletion = { dynamicRegistration = false }
  else
    -- Neovim adds what it can do to what it is given; only a null takes it away.
    capabilities.textDocument.inlineCompletion = vim.NIL
  end
  return {
    name = 'lanyard',
    -- Where there is no such program, Neovim itself sees it and starts nothing.
    cmd = vim.fn.executable(M.options.cmd[1]) == 1 and require('lanyard.keep').spawn or M.options.cmd,
    filetypes = M.options.filetypes,
    root_markers = M.options.root_markers,
    capabilities = capabilities,
    -- A file outside of any project, a chat most often, is served by the server that runs.
    reuse_client = function(client, config)
      return client.name == 'lanyard'
        and not (client.is_stopped and client:is_stopped())
        and (not config.root_dir or config.root_dir == client.root_dir)
    end,
    settings = { lanyard = M.options.settings },
    init_options = { lanyard = M.options.settings },
    handlers = {
      ['$/progress'] = function(...)
        return require('lanyard.client').on_progress(...)
      end,
      ['lanyard/fleetChanged'] = function(_, params)
        require('lanyard.status').changed(params.status)
      end,
    },
    commands = {
      ['lanyard.showDiff'] = function(command)
        require('lanyard.diff').open(command.arguments[1])
      end,
    },
    before_init = function()
      require('lanyard.keep').begun()
    end,
    on_attach = function(client, buffer)
      require('lanyard.keep').attached(client, buffer)
      require('lanyard.status').attached()
      require('lanyard.ghost').attach(client, buffer)
      if require('lanyard.chat').is(buffer) then
        require('lanyard.chat').attach(buffer)
      end
    end,
    on_exit = function(code, signal, id)
      require('lanyard.keep').ended(code, signal, id)
    end,
  }
end

return M
