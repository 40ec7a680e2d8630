--- Ghost text: Neovim's own where it has one, else drawn here; accepted whole, by word or by line.

local M = {}

local space = vim.api.nvim_create_namespace('lanyard.ghost')

---@class lanyard.Suggestion
---@field text string
---@field row integer 0-based, where it begins
---@field column integer byte
---@field command? lsp.Command

---@class lanyard.Shown
---@field items lanyard.Suggestion[]
---@field index integer
---@field buffer integer
---@field client integer

---@type lanyard.Shown?
local shown
local cancel ---@type fun()?
local timer ---@type uv.uv_timer_t?
local taking ---@type { text: string, command?: lsp.Command, client: integer }? what the key that was pressed takes

local DEBOUNCE_MS = 20

local function config()
  return require('lanyard.config')
end

local function inserting()
  return vim.api.nvim_get_mode().mode:sub(1, 1) == 'i'
end

--- Whether the cursor is on no text: beyond the end of its line, or within a tab ('virtualedit'). No server is told of that.
local function off_text()
  return vim.fn.getcurpos()[4] > 0
end

--- Whether a macro is recorded. It has the keys that are typed, and would have the one that takes a suggestion, not its text.
local function recording()
  return vim.fn.reg_recording() ~= ''
end

--- The part of a text up to the end of its next word, or of its next line.
---@param text string
---@param unit 'all'|'word'|'line'
---@return string
function M.part(text, unit)
  if unit == 'all' then
    return text
  end
  if unit == 'line' then
    local stop = text:find('\n', 2, true)
    return stop and text:sub(1, stop - 1) or text
  end
  local lead = text:match('^%s*')
  local rest = text:sub(#lead + 1)
  local word = vim.fn.matchstr(rest, '^\\%(\\k\\+\\|\\%(\\k\\|\\s\\)\\@!.\\)')
  return lead .. (word ~= '' and word or rest)
end

--- What a text that begins at a place has beyond what stands there up to the cursor: '' where something else does.
---@param text string
---@param row integer 0-based
---@param column integer byte
---@return string
local function remaining(text, row, column)
  local cursor = vim.api.nvim_win_get_cursor(0)
  if cursor[1] - 1 < row or (cursor[1] - 1 == row and cursor[2] < column) then
    return ''
  end
  local there, typed = pcall(vim.api.nvim_buf_get_text, 0, row, column, cursor[1] - 1, cursor[2], {})
  local so_far = there and table.concat(typed, '\n') or nil
  return so_far and vim.startswith(text, so_far) and text:sub(#so_far + 1) or ''
end

--- Where a range begins, else the cursor.
---@param range? lsp.Range
---@param encoding string
---@return integer row, integer column
local function beginning(range, encoding)
  if range then
    local line = vim.api.nvim_buf_get_lines(0, range.start.line, range.start.line + 1, false)[1] or ''
    return range.start.line, require('lanyard.lines').byte(line, range.start.character, encoding)
  end
  local cursor = vim.api.nvim_win_get_cursor(0)
  return cursor[1] - 1, cursor[2]
end

--- Take the suggestion away, and stop asking for one.
function M.clear()
  if cancel then
    cancel()
    cancel = nil
  end
  if shown and vim.api.nvim_buf_is_valid(shown.buffer) then
    vim.api.nvim_buf_clear_namespace(shown.buffer, space, 0, -1)
  end
  shown = nil
end

--- What is shown of the suggestion at the cursor; '' where none is.
---@return string
local function at_cursor()
  local here = shown and shown.buffer == vim.api.nvim_get_current_buf() and not off_text()
  local item = here and shown.items[shown.index]
  return item and remaining(item.text, item.row, item.column) or ''
end

--- Show what is left of the suggestion; false where nothing is, and it is taken away.
---@return boolean
local function draw()
  local rest = at_cursor()
  if not shown or rest == '' then
    M.clear()
    return false
  end
  vim.api.nvim_buf_clear_namespace(shown.buffer, space, 0, -1)
  local cursor = vim.api.nvim_win_get_cursor(0)
  local drawn = require('lanyard.lines').drawn(rest, vim.api.nvim_get_current_line():sub(1, cursor[2]), 'LanyardGhost')
  vim.api.nvim_buf_set_extmark(shown.buffer, space, cursor[1] - 1, cursor[2], {
    virt_text = table.remove(drawn, 1),
    virt_text_pos = 'inline',
    virt_lines = #drawn > 0 and drawn or nil,
    hl_mode = 'combine',
  })
  return true
end

--- Ask for a suggestion at the cursor. What is shown and still fits stays until the answer is there.
---@param buffer integer
---@param trigger integer 1: asked for, 2: while typing
---@param step? integer the one so many steps on from the first is shown
function M.request(buffer, trigger, step)
  local client = require('lanyard.client').of(buffer)
  if not client or vim.api.nvim_get_current_buf() ~= buffer then
    return
  end
  if cancel then
    cancel()
  end
  local cursor = vim.api.nvim_win_get_cursor(0)
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  ---@diagnostic disable-next-line: inject-field
  params.context = { triggerKind = trigger }
  local mine ---@type fun()
  mine = require('lanyard.client').ask(client, 'textDocument/inlineCompletion', params, function(result)
    if cancel == mine then
      cancel = nil
    end
    local now = vim.api.nvim_win_get_cursor(0)
    local same = vim.api.nvim_get_current_buf() == buffer and now[1] == cursor[1] and now[2] == cursor[2]
    -- Null is the answer to a question that another one came after.
    if not same or type(result) ~= 'table' or not inserting() then
      return
    end
    local items = {} ---@type lanyard.Suggestion[]
    for _, item in ipairs(result.items or result) do
      local text = type(item.insertText) == 'table' and item.insertText.value or item.insertText
      local row, column = beginning(item.range, client.offset_encoding)
      items[#items + 1] = { text = text, row = row, column = column, command = item.command }
    end
    if #items == 0 then
      M.clear()
      return
    end
    shown = { items = items, index = (step or 0) % #items + 1, buffer = buffer, client = client.id }
    draw()
  end, function()
    if cancel == mine then
      cancel = nil
    end
  end)
  cancel = mine
end

---@param buffer integer
local function later(buffer)
  draw()
  timer = timer or assert(vim.uv.new_timer())
  timer:start(DEBOUNCE_MS, 0, vim.schedule_wrap(function()
    if vim.api.nvim_buf_is_valid(buffer) and inserting() and not off_text() and not recording() then
      M.request(buffer, 2)
    end
  end))
end

--- Ask for a suggestion now, or say why there is none.
function M.ask()
  local buffer = vim.api.nvim_get_current_buf()
  local say = require('lanyard.client').say
  if not config().options.ghost.enable then
    say('Ghost text is off: ghost = { enable = false }')
  elseif not require('lanyard.client').of(buffer) then
    require('lanyard.client').need(buffer)
  elseif not inserting() then
    say('Suggestions are for Insert mode: <C-o>:Lanyard complete')
  elseif config().builtin(buffer) then
    -- Neovim has no function for it; it asks when the cursor has moved.
    vim.api.nvim_exec_autocmds('CursorMovedI', { buffer = buffer, modeline = false })
  elseif off_text() then
    say('Suggestions are for text; the cursor is beyond it')
  elseif recording() then
    say('No suggestion while a macro is recorded: it would have the key and not the text')
  else
    M.request(buffer, 1)
  end
end

--- Neovim's own suggestion is about to be taken.
---@param unit 'all'|'word'|'line'
---@param item vim.lsp.inline_completion.Item
local function take_builtin(unit, item)
  local client = assert(vim.lsp.get_client_by_id(item.client_id))
  local text = type(item.insert_text) == 'table' and item.insert_text.value or item.insert_text --[[@as string]]
  local range = item.range and item.range:to_lsp(client.offset_encoding)
  local rest = remaining(text, beginning(range, client.offset_encoding))
  if rest == '' then
    return
  end
  taking = { text = M.part(rest, unit), command = unit == 'all' and item.command or nil, client = client.id }
  -- What is taken is undone by itself, and the popup menu is told that the completion is over.
  require('lanyard.keys').feed('<C-g>u<Cmd>lua require("lanyard.ghost").take()<CR>')
end

--- Take the suggestion, or a part of it. False where there is none.
---@param unit 'all'|'word'|'line'
---@return boolean
function M.accept(unit)
  if config().builtin(vim.api.nvim_get_current_buf()) then
    return vim.lsp.inline_completion.get({ on_accept = function(item) take_builtin(unit, item) end })
  end
  local rest = at_cursor()
  if rest == '' then
    return false
  end
  local item = shown.items[shown.index]
  taking = { text = M.part(rest, unit), command = unit == 'all' and item.command or nil, client = shown.client }
  require('lanyard.keys').feed('<C-g>u<Cmd>lua require("lanyard.ghost").take()<CR>')
  return true
end

--- Insert what `accept` chose.
function M.take()
  local chosen = taking
  taking = nil
  if not chosen then
    return
  end
  -- As pasted text `.` repeats it.
  vim.api.nvim_paste(chosen.text, false, -1)
  draw()
  local client = vim.lsp.get_client_by_id(chosen.client)
  if chosen.command and client then
    require('lanyard.client').execute(client, chosen.command.command, chosen.command.arguments or {})
  end
end

---@return boolean
local function builtin_shows()
  local own = vim.api.nvim_create_namespace('nvim.lsp.inline_completion')
  return #vim.api.nvim_buf_get_extmarks(0, own, 0, -1, { limit = 1 }) > 0
end

--- Show another suggestion.
---@param count integer 1: next, -1: previous
---@return boolean
function M.select(count)
  local buffer = vim.api.nvim_get_current_buf()
  if config().builtin(buffer) then
    if not builtin_shows() then
      return false
    end
    vim.lsp.inline_completion.select({ count = count })
    return true
  end
  if not shown or at_cursor() == '' then
    return false
  end
  if #shown.items == 1 then
    -- Others are asked for when somebody wants to see one.
    M.request(buffer, 1, count)
    return true
  end
  shown.index = (shown.index - 1 + count) % #shown.items + 1
  draw()
  return true
end

--- Take the suggestion away; false where there was none.
---@return boolean
function M.dismiss()
  if config().builtin(vim.api.nvim_get_current_buf()) then
    return builtin_shows() and vim.lsp.inline_completion.get({ on_accept = function() end })
  end
  local had = at_cursor() ~= ''
  M.clear()
  return had
end

--- Keys and requests of a buffer that a client serves.
---@param client vim.lsp.Client
---@param buffer integer
function M.attach(client, buffer)
  local ghost = config().options.ghost
  if not ghost.enable or not client.server_capabilities.inlineCompletionProvider then
    return
  end
  vim.api.nvim_set_hl(0, 'LanyardGhost', { default = true, link = 'Comment' })
  local map, keys = require('lanyard.keys').map, ghost.keys
  map(buffer, keys.accept, function() return M.accept('all') end)
  map(buffer, keys.word, function() return M.accept('word') end)
  map(buffer, keys.line, function() return M.accept('line') end)
  map(buffer, keys.next, function() return M.select(1) end)
  map(buffer, keys.prev, function() return M.select(-1) end)
  map(buffer, keys.dismiss, M.dismiss)
  if config().builtin(buffer) then
    vim.lsp.inline_completion.enable(true, { bufnr = buffer })
  end
  local group = vim.api.nvim_create_augroup('lanyard.ghost.' .. buffer, {})
  local function changed()
    if config().builtin(buffer) then
      M.clear()
    else
      later(buffer)
    end
  end
  vim.api.nvim_create_autocmd({ 'TextChangedI', 'TextChangedP', 'InsertEnter' }, { group = group, buffer = buffer, callback = changed })
  vim.api.nvim_create_autocmd('CursorMovedI', {
    group = group,
    buffer = buffer,
    callback = function()
      if shown and not draw() then
        changed()
      end
    end,
  })
  vim.api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, { group = group, buffer = buffer, callback = M.clear })
end

return M
