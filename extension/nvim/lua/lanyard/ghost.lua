--- Ghost text: Neovim's own where it has one, else drawn here; accepted whole, by word or by line.

local M = {}

local space = vim.api.nvim_create_namespace('lanyard.ghost')

---@class lanyard.Suggestion
---@field text string
---@field range? lsp.Range
---@field command? lsp.Command

---@class lanyard.Shown
---@field items lanyard.Suggestion[]
---@field index integer
---@field row integer 0-based
---@field column integer byte
---@field buffer integer
---@field client integer

---@type lanyard.Shown?
local shown
local cancel ---@type fun()?
local timer ---@type uv.uv_timer_t?

local DEBOUNCE_MS = 20
local DESCRIPTION = 'Lanyard suggestion'

local function config()
  return require('lanyard.config')
end

--- The part of a text up to the end of its next word, or of its next line.
---@param text string
---@param unit 'word'|'line'
---@return string
function M.part(text, unit)
  if unit == 'line' then
    local stop = text:find('\n', 2, true)
    return stop and text:sub(1, stop - 1) or text
  end
  local lead = text:match('^%s*')
  local rest = text:sub(#lead + 1)
  local word = vim.fn.matchstr(rest, '^\\%(\\k\\+\\|\\%(\\k\\|\\s\\)\\@!.\\)')
  return lead .. (word ~= '' and word or rest)
end

--- What is suggested beyond what stands at the cursor already, and the edit that would take it.
---@param text string
---@param range? lsp.Range
---@param encoding string
---@param buffer integer
---@return string rest, integer row, integer column
local function remaining(text, range, encoding, buffer)
  local cursor = vim.api.nvim_win_get_cursor(0)
  local row, column = cursor[1] - 1, cursor[2]
  if not range then
    return text, row, column
  end
  local line = vim.api.nvim_buf_get_lines(buffer, row, row + 1, true)[1]
  local start = range.start.line == row and vim.lsp.util._get_line_byte_from_position(buffer, range.start, encoding) or column
  local typed = line:sub(start + 1, column)
  if vim.startswith(text, typed) then
    return text:sub(#typed + 1), row, column
  end
  return '', row, column
end

---@param text string
local function insert(text)
  local cursor = vim.api.nvim_win_get_cursor(0)
  local row, column = cursor[1] - 1, cursor[2]
  local lines = vim.split(text, '\n', { plain = true })
  vim.api.nvim_buf_set_text(0, row, column, row, column, lines)
  local last = #lines == 1 and column + #lines[1] or #lines[#lines]
  vim.api.nvim_win_set_cursor(0, { row + #lines, last })
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

local function draw()
  if not shown then
    return
  end
  vim.api.nvim_buf_clear_namespace(shown.buffer, space, 0, -1)
  local client = vim.lsp.get_client_by_id(shown.client)
  local item = shown.items[shown.index]
  if not client or not item then
    return
  end
  local rest, row, column = remaining(item.text, item.range, client.offset_encoding, shown.buffer)
  if rest == '' then
    return
  end
  local lines = vim.split(rest, '\n', { plain = true })
  local below = {}
  for at = 2, #lines do
    below[#below + 1] = { { lines[at], 'LanyardGhost' } }
  end
  vim.api.nvim_buf_set_extmark(shown.buffer, space, row, column, {
    virt_text = { { lines[1], 'LanyardGhost' } },
    virt_text_pos = 'inline',
    virt_lines = #below > 0 and below or nil,
    hl_mode = 'combine',
  })
end

--- Ask for a suggestion at the cursor.
---@param buffer integer
---@param trigger integer 1: asked for, 2: while typing
---@param step? integer what is shown stays until the answer is there, then the one so many steps on is shown
function M.request(buffer, trigger, step)
  local client = require('lanyard.client').get(buffer)
  if not client or vim.api.nvim_get_current_buf() ~= buffer then
    return
  end
  if not step then
    M.clear()
  end
  local cursor = vim.api.nvim_win_get_cursor(0)
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = trigger }
  cancel = require('lanyard.client').ask(client, 'textDocument/inlineCompletion', params, function(result)
    local now = vim.api.nvim_win_get_cursor(0)
    local same = vim.api.nvim_get_current_buf() == buffer and now[1] == cursor[1] and now[2] == cursor[2]
    local items = result and (result.items or result) or {}
    if not same or #items == 0 or vim.api.nvim_get_mode().mode:sub(1, 1) ~= 'i' then
      return
    end
    cancel = nil
    shown = {
      items = vim.tbl_map(function(item)
        local text = type(item.insertText) == 'table' and item.insertText.value or item.insertText
        return { text = text, range = item.range, command = item.command }
      end, items),
      index = (step or 0) % #items + 1, row = cursor[1] - 1, column = cursor[2], buffer = buffer, client = client.id,
    }
    draw()
  end, function() end)
end

local function later(buffer)
  M.clear()
  timer = timer or vim.uv.new_timer()
  timer:start(DEBOUNCE_MS, 0, vim.schedule_wrap(function()
    if vim.api.nvim_buf_is_valid(buffer) and vim.api.nvim_get_mode().mode:sub(1, 1) == 'i' then
      M.request(buffer, 2)
    end
  end))
end

--- Take the suggestion, or a part of it. False where there is none.
---@param unit 'all'|'word'|'line'
---@return boolean
function M.accept(unit)
  if config().builtin(vim.api.nvim_get_current_buf()) then
    return vim.lsp.inline_completion.get({
      on_accept = function(item)
        local client = vim.lsp.get_client_by_id(item.client_id)
        local text = type(item.insert_text) == 'table' and item.insert_text.value or item.insert_text
        local range = item.range and item.range:to_lsp(client and client.offset_encoding or 'utf-16')
        local rest = remaining(text, range, client and client.offset_encoding or 'utf-16', 0)
        insert(unit == 'all' and rest or M.part(rest, unit))
        if unit == 'all' and item.command and client then
          client:exec_cmd(item.command, { bufnr = 0 })
        end
      end,
    })
  end
  if not shown then
    return false
  end
  local client = vim.lsp.get_client_by_id(shown.client)
  local item = shown.items[shown.index]
  local rest = client and remaining(item.text, item.range, client.offset_encoding, shown.buffer) or ''
  if rest == '' then
    return false
  end
  M.clear()
  vim.schedule(function()
    insert(unit == 'all' and rest or M.part(rest, unit))
    if unit == 'all' and item.command then
      require('lanyard.client').execute(client, item.command.command, item.command.arguments or {})
    end
  end)
  return true
end

--- Show another suggestion.
---@param count integer 1: next, -1: previous
---@return boolean
function M.select(count)
  if config().builtin(vim.api.nvim_get_current_buf()) then
    vim.lsp.inline_completion.select({ count = count })
    return true
  end
  if not shown then
    return false
  end
  if #shown.items == 1 then
    -- Others are asked for when somebody wants to see one.
    M.request(vim.api.nvim_get_current_buf(), 1, count)
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
    vim.api.nvim_buf_clear_namespace(0, vim.api.nvim_create_namespace('nvim.lsp.inline_completion'), 0, -1)
    return true
  end
  local had = shown ~= nil
  M.clear()
  return had
end

---@param buffer integer
---@param key string|false
---@param action fun(): boolean
local function map(buffer, key, action)
  local before = key and vim.fn.maparg(key, 'i', false, true)
  if not before or before.desc == DESCRIPTION then
    return
  end
  vim.keymap.set('i', key, function()
    if action() then
      return ''
    end
    -- Another plugin's mapping of the key, else the key itself.
    if before.callback then
      local keys = before.callback() or ''
      return before.expr == 1 and (before.replace_keycodes == 1 and vim.keycode(keys) or keys) or ''
    end
    return before.rhs and vim.api.nvim_replace_termcodes(before.rhs, true, true, true) or vim.keycode(key)
  end, { buffer = buffer, expr = true, replace_keycodes = false, desc = DESCRIPTION })
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
  local keys = ghost.keys
  map(buffer, keys.accept, function() return M.accept('all') end)
  map(buffer, keys.word, function() return M.accept('word') end)
  map(buffer, keys.line, function() return M.accept('line') end)
  map(buffer, keys.next, function() return M.select(1) end)
  map(buffer, keys.prev, function() return M.select(-1) end)
  map(buffer, keys.dismiss, M.dismiss)
  if config().builtin(buffer) then
    vim.lsp.inline_completion.enable(true, { bufnr = buffer })
    return
  end
  local group = vim.api.nvim_create_augroup('lanyard.ghost.' .. buffer, {})
  vim.api.nvim_create_autocmd({ 'TextChangedI', 'InsertEnter', 'CursorMovedI' }, {
    group = group,
    buffer = buffer,
    callback = function(event)
      local cursor = vim.api.nvim_win_get_cursor(0)
      if event.event == 'CursorMovedI' and (not shown or (shown.row == cursor[1] - 1 and shown.column == cursor[2])) then
        return
      end
      later(buffer)
    end,
  })
  vim.api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, { group = group, buffer = buffer, callback = M.clear })
end

return M
