--- Chat: a Markdown document that the server answers in. It is an ordinary file: it can be searched, saved and kept.

local M = {}

local client = require('lanyard.client')
local running = {} ---@type table<integer, fun()>

---@param buffer integer
function M.send(buffer)
  local server = client.need(buffer)
  if not server then
    return
  end
  if running[buffer] then
    client.say('An answer is under way; <C-c> stops it')
    return
  end
  vim.cmd.stopinsert()
  local function ended()
    running[buffer] = nil
    if vim.api.nvim_buf_is_valid(buffer) then
      vim.bo[buffer].modifiable = true
      vim.api.nvim_buf_call(buffer, function() vim.cmd('silent! update') end)
      for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
        vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(buffer), 0 })
      end
    end
  end
  running[buffer] = client.execute(server, 'lanyard.chat.send', { vim.uri_from_bufnr(buffer) }, ended, function(message)
    ended()
    client.say(message, vim.log.levels.WARN)
  end)
end

---@param buffer integer
function M.stop(buffer)
  if running[buffer] then
    running[buffer]()
    running[buffer] = nil
  end
end

--- Keys and options of a chat buffer.
---@param buffer integer
function M.attach(buffer)
  vim.bo[buffer].filetype = 'markdown'
  local function map(mode, key, action, what)
    vim.keymap.set(mode, key, action, { buffer = buffer, desc = 'Lanyard chat: ' .. what })
  end
  map('n', '<CR>', function() M.send(buffer) end, 'send')
  map('i', '<C-s>', function() M.send(buffer) end, 'send')
  map('n', '<C-s>', function() M.send(buffer) end, 'send')
  map('n', '<C-c>', function() M.stop(buffer) end, 'stop')
  map('n', 'gy', function() M.yank(buffer) end, 'yank the code block under the cursor')
end

--- Yank the fenced code block around the cursor.
---@param buffer integer
---@return string?
function M.yank(buffer)
  local lines = vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
  local at = vim.api.nvim_win_get_cursor(0)[1]
  local open ---@type integer?
  for number, line in ipairs(lines) do
    if line:match('^%s*```') then
      if not open then
        open = number
      else
        if open <= at and at <= number then
          local code = table.concat(vim.list_slice(lines, open + 1, number - 1), '\n') .. '\n'
          vim.fn.setreg('"', code)
          client.say(('%d lines yanked'):format(number - open - 1))
          return code
        end
        open = nil
      end
    end
  end
  client.say('No code block under the cursor')
end

--- Open a new chat, with the lines of a range as its context.
---@param range? { line1: integer, line2: integer }
function M.open(range)
  local buffer = vim.api.nvim_get_current_buf()
  local server = client.need(buffer)
  if not server then
    return
  end
  local arguments = {}
  if range then
    arguments[1] = {
      uri = vim.uri_from_bufnr(buffer),
      range = {
        start = { line = range.line1 - 1, character = 0 },
        ['end'] = { line = range.line2 - 1, character = 0 },
      },
    }
  end
  local source = vim.api.nvim_get_current_win()
  -- The server asks for the document to be shown; a window of its own takes it.
  vim.cmd('botright vsplit')
  local window = vim.api.nvim_get_current_win()
  client.execute(server, 'lanyard.chat.new', arguments, function(made)
    if not vim.api.nvim_win_is_valid(window) then
      return
    end
    vim.api.nvim_set_current_win(window)
    vim.cmd.edit(vim.fn.fnameescape(vim.uri_to_fname(made.uri)))
    local chat = vim.api.nvim_get_current_buf()
    M.attach(chat)
    vim.lsp.buf_attach_client(chat, server.id)
    vim.wo[window].wrap = true
    vim.wo[window].linebreak = true
    local last = vim.api.nvim_buf_line_count(chat)
    vim.api.nvim_win_set_cursor(window, { last, 0 })
    vim.cmd('startinsert!')
  end, function(message)
    pcall(vim.api.nvim_win_close, window, true)
    if vim.api.nvim_win_is_valid(source) then
      vim.api.nvim_set_current_win(source)
    end
    client.say(message, vim.log.levels.WARN)
  end)
end

return M
