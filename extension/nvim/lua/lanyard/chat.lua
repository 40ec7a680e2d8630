--- Chat: a Markdown document that the server answers in. It is an ordinary file: it can be searched, saved and kept.

local M = {}

local client = require('lanyard.client')
local running = {} ---@type table<integer, fun()>
local space = vim.api.nvim_create_namespace('lanyard.chat')

--- One line below the end of a chat, in place of the last one; none without a line.
---@param buffer integer
---@param line? string
local function note(buffer, line)
  vim.api.nvim_buf_clear_namespace(buffer, space, 0, -1)
  if line then
    local last = vim.api.nvim_buf_line_count(buffer) - 1
    local lines = require('lanyard.lines').wrap(buffer, line, 'WarningMsg')
    vim.api.nvim_buf_set_extmark(buffer, space, last, 0, { virt_lines = lines })
  end
end

--- How a chat ends: the last turn's heading, and what would close the code fence that is open there.
---@param buffer integer
---@return string? heading
---@return string? fence
local function ending(buffer)
  local heading, fence ---@type string?, string?
  for _, line in ipairs(vim.api.nvim_buf_get_lines(buffer, 0, -1, false)) do
    local ticks, rest = line:match('^ ? ? ?(```+)(.*)$')
    if not ticks then
      ticks, rest = line:match('^ ? ? ?(~~~+)(.*)$')
    end
    if ticks and fence then
      if ticks:sub(1, 1) == fence:sub(1, 1) and #ticks >= #fence and not rest:find('%S') then
        fence = nil
      end
    elseif ticks and not (ticks:sub(1, 1) == '`' and rest:find('`', 1, true)) then
      fence = ticks
    elseif not fence then
      local found = line:match('^##[ \t]+(%a+)[ \t]*#*[ \t]*$')
      heading = (found == 'You' or found == 'Lanyard') and found or heading
    end
  end
  return heading, fence
end

--- Whether the last turn of a chat is an answer.
---@param buffer integer
---@return boolean
local function answering(buffer)
  return (ending(buffer)) == 'Lanyard'
end

--- Where a server ended within its answer: end the turn, so that the next question can be written.
---@param buffer integer
local function mend(buffer)
  local heading, fence = ending(buffer)
  if heading == 'Lanyard' then
    local lines = { '', '_Stopped._', '', '## You', '', '' }
    vim.api.nvim_buf_set_lines(buffer, -1, -1, false, fence and vim.list_extend({ fence }, lines) or lines)
  end
end

--- Do something when the end of an answer that was stopped has been written.
---@param buffer integer
---@param action fun()
local function once_ended(buffer, action)
  local done = false
  vim.api.nvim_buf_attach(buffer, false, {
    on_lines = function()
      vim.schedule(function()
        if not done and vim.api.nvim_buf_is_loaded(buffer) and not answering(buffer) then
          done = true
          action()
        end
      end)
      return done
    end,
  })
end

--- Send the question at the end of a chat.
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
  note(buffer)
  local before = {} ---@type table<integer, integer[]>
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    before[window] = vim.api.nvim_win_get_cursor(window)
  end
  local function over()
    vim.api.nvim_buf_call(buffer, function() vim.cmd('silent! update') end)
    for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
      -- Someone who has moved meanwhile is reading there.
      if vim.deep_equal(before[window], vim.api.nvim_win_get_cursor(window)) then
        vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(buffer), 0 })
      end
    end
  end
  local function ended(failure, code)
    running[buffer] = nil
    if not vim.api.nvim_buf_is_loaded(buffer) then
      return
    end
    if code == client.LOST then
      mend(buffer)
    end
    if failure and code ~= client.CANCELLED then
      note(buffer, code == client.LOST and failure .. '; it is being started again, then send once more' or failure)
    end
    if code == client.CANCELLED and answering(buffer) then
      once_ended(buffer, over)
    else
      over()
    end
  end
  running[buffer] = client.execute(server, 'lanyard.chat.send', { vim.uri_from_bufnr(buffer) }, function() ended() end, ended)
end

--- Stop the answer that is being written.
---@param buffer integer
function M.stop(buffer)
  if running[buffer] then
    running[buffer]()
    running[buffer] = nil
  end
end

--- Whether a buffer is a chat.
---@param buffer integer
---@return boolean
function M.is(buffer)
  return vim.endswith(vim.api.nvim_buf_get_name(buffer), '.lanyard.md')
end

--- Keys and options of a chat buffer.
---@param buffer integer
function M.attach(buffer)
  if vim.bo[buffer].filetype ~= 'markdown' then
    vim.bo[buffer].filetype = 'markdown'
  end
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
          vim.fn.setreg(vim.v.register, code)
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
---@param question? string what is sent at once
function M.open(range, question)
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
    vim.wo[window][0].wrap = true
    vim.wo[window][0].linebreak = true
    local last = vim.api.nvim_buf_line_count(chat)
    if question and vim.trim(question) ~= '' then
      local line = vim.api.nvim_buf_get_lines(chat, -2, -1, false)[1]
      vim.api.nvim_buf_set_lines(chat, -2, -1, false, vim.split(line .. question, '\n', { plain = true }))
      vim.api.nvim_win_set_cursor(window, { vim.api.nvim_buf_line_count(chat), 0 })
      M.send(chat)
      return
    end
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
