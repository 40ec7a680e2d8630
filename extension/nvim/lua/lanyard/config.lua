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

--- The command that starts the server. A program that is not on the PATH is looked for where uv and pipx put theirs: an
--- editor that no shell started may not have that folder there.
---@return string[]
function M.command()
  local program = M.options.cmd[1]
  if vim.fn.executable(program) == 1 or program:find('[/\\]') then
    return M.options.cmd
  end
  local data = vim.env.XDG_DATA_HOME
  for _, folder in ipairs({
    vim.env.UV_TOOL_BIN_DIR or '',
    vim.env.PIPX_BIN_DIR or '',
    vim.env.XDG_BIN_HOME or '',
    data and data ~= '' and data .. '/../bin' or '',
    vim.fn.expand('~/.local/bin'),
  }) do
    local path = vim.fs.normalize(folder .. '/' .. program)
    if folder ~= '' and vim.fn.executable(path) == 1 then
      return vim.list_extend({ path }, M.options.cmd, 2)
    end
  end
  return M.options.cmd
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

---@param client vim.lsp.Client
---@param buffer integer
local function attached(client, buffer)
  require('lanyard.keep').attached(client, buffer)
  require('lanyard.status').attached()
  require('lanyard.ghost').attach(client, buffer)
  if require('lanyard.chat').is(buffer) then
    require('lanyard.chat').attach(buffer)
  end
end

--- The configuration of the client, for vim.lsp.config and vim.lsp.start alike.
---@return table
function M.client()
  -- Not by on_attach, which is the user's to set.
  vim.api.nvim_create_autocmd('LspAttach', {
    group = vim.api.nvim_create_augroup('lanyard.attach', {}),
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if client and client.name == 'lanyard' then
        attached(client, event.buf)
      end
    end,
  })
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
    cmd = vim.fn.executable(M.command()[1]) == 1 and require('lanyard.keep').spawn or M.options.cmd,
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
      ['window/showMessage'] = function(_, params)
        local levels = vim.log.levels
        require('lanyard.client').say(params.message, ({ levels.ERROR, levels.WARN })[params.type] or levels.INFO)
      end,
      ['workspace/applyEdit'] = function(err, params, ctx)
        -- Neovim writes a line for each edit that has a label: for each piece of a chat's answer.
        params.label = nil
        return vim.lsp.handlers['workspace/applyEdit'](err, params, ctx)
      end,
    },
    commands = {
      ['lanyard.showDiff'] = function(command, ctx)
        require('lanyard.diff').open(command.arguments[1], ctx.bufnr)
      end,
    },
    before_init = function()
      require('lanyard.keep').begun()
    end,
    on_exit = function(code, signal, id)
      require('lanyard.keep').ended(code, signal, id)
    end,
  }
end

return M
