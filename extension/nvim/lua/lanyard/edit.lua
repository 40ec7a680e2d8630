--- Inline edit: an instruction at a selection; the new lines stream below the old ones, then accept or discard.

local M = {}

local client = require('lanyard.client')
local space = vim.api.nvim_create_namespace('lanyard.edit')

---@class lanyard.Edit
---@field buffer integer
---@field mark integer extmark at the first line
---@field count integer lines of the old text
---@field lines string[] new lines so far
---@field encoding string the server's, for its edits
---@field result? { version: integer, edits: lsp.TextEdit[], problems: string[], checks: string[], worker: string }
---@field again? fun() ask once more, after a failure
---@field cancel? fun()
---@field forget fun()
---@field before table<string, table<string, any>|false> what its keys did before in this buffer

---@type table<integer, lanyard.Edit>
local open = {}

--- The edit that is shown in a buffer.
---@param buffer integer
---@return lanyard.Edit?
function M.get(buffer)
  return open[buffer]
end

---@param edit lanyard.Edit
local function first_line(edit)
  return vim.api.nvim_buf_get_extmark_by_id(edit.buffer, space, edit.mark, {})[1] or 0
end

---@param edit lanyard.Edit
---@param note string
local function draw(edit, note)
  local first = first_line(edit)
  local last = math.min(first + edit.count, vim.api.nvim_buf_line_count(edit.buffer)) - 1
  local below = {}
  for _, line in ipairs(edit.lines) do
    below[#below + 1] = { { line == '' and ' ' or line, 'DiffAdd' } }
  end
  vim.list_extend(below, require('lanyard.lines').wrap(edit.buffer, note, 'Comment'))
  vim.api.nvim_buf_clear_namespace(edit.buffer, space, 0, -1)
  edit.mark = vim.api.nvim_buf_set_extmark(edit.buffer, space, first, 0, {})
  for row = first, last do
    vim.api.nvim_buf_set_extmark(edit.buffer, space, row, 0, { line_hl_group = 'DiffDelete' })
  end
  vim.api.nvim_buf_set_extmark(edit.buffer, space, last, 0, { virt_lines = below })
end

---@param edit lanyard.Edit
local function close(edit)
  edit.forget()
  open[edit.buffer] = nil
  if edit.cancel then
    edit.cancel()
    edit.cancel = nil
  end
  if vim.api.nvim_buf_is_valid(edit.buffer) then
    vim.api.nvim_buf_clear_namespace(edit.buffer, space, 0, -1)
    vim.api.nvim_buf_call(edit.buffer, function()
      for key, mapping in pairs(edit.before) do
        pcall(vim.keymap.del, 'n', key, { buffer = edit.buffer })
        if mapping then
          vim.fn.mapset('n', false, mapping)
        end
      end
    end)
  end
end

--- A key for as long as an edit is shown.
---@param edit lanyard.Edit
---@param key string
---@param action fun(buffer: integer)
---@param what string
local function map(edit, key, action, what)
  local mapping = vim.api.nvim_buf_call(edit.buffer, function() return vim.fn.maparg(key, 'n', false, true) end)
  edit.before[key] = mapping.buffer == 1 and mapping or false
  vim.keymap.set('n', key, function() action(edit.buffer) end, { buffer = edit.buffer, desc = 'Lanyard: ' .. what })
end

--- Put the new text into the buffer; after a failure, ask once more.
---@param buffer integer
---@return boolean
function M.accept(buffer)
  local edit = open[buffer]
  if edit and edit.again then
    edit.again()
    return false
  end
  if not edit or not edit.result then
    return false
  end
  local version = vim.lsp.util.buf_versions[buffer]
  if version ~= edit.result.version then
    close(edit)
    client.say('The text was edited meanwhile; ask again', vim.log.levels.WARN)
    return false
  end
  if not vim.bo[buffer].modifiable then
    client.say('This buffer cannot be changed', vim.log.levels.WARN)
    return false
  end
  close(edit)
  vim.lsp.util.apply_text_edits(edit.result.edits, buffer, edit.encoding)
  return true
end

--- Take the edit away; one that is being written is stopped.
---@param buffer integer
function M.discard(buffer)
  local edit = open[buffer]
  if edit then
    close(edit)
  end
end

---@type fun(buffer: integer, first: integer, last: integer, instruction: string) lines 0-based, last inclusive
local ask

function ask(buffer, first, last, instruction)
  local server = client.need(buffer)
  if not server then
    return
  end
  M.discard(buffer)
  ---@type lanyard.Edit
  local edit = {
    buffer = buffer,
    mark = vim.api.nvim_buf_set_extmark(buffer, space, first, 0, {}),
    count = last - first + 1,
    lines = {},
    encoding = server.offset_encoding,
    forget = function() end,
    before = {},
  }
  open[buffer] = edit
  local token
  token, edit.forget = client.partials(function(value)
    if open[buffer] ~= edit or not value.text then
      return
    end
    vim.list_extend(edit.lines, vim.split((value.text:gsub('\n$', '')), '\n', { plain = true }))
    draw(edit, '… <Esc> stops')
  end)
  map(edit, '<CR>', M.accept, 'accept the edit')
  map(edit, '<Esc>', M.discard, 'discard the edit')
  vim.api.nvim_create_autocmd('BufUnload', {
    group = vim.api.nvim_create_augroup('lanyard.edit.' .. buffer, {}),
    buffer = buffer,
    once = true,
    callback = function() M.discard(buffer) end,
  })
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    -- What stands below a line is not shown where that line is folded.
    vim.api.nvim_win_call(window, function()
      for row = first + 1, last + 1 do
        if vim.fn.foldclosed(row) ~= -1 then
          vim.cmd(('%dfoldopen!'):format(row))
        end
      end
    end)
  end
  draw(edit, '… asking, <Esc> stops')
  local text = vim.api.nvim_buf_get_lines(buffer, last, last + 1, false)[1] or ''
  local params = vim.lsp.util.make_given_range_params({ first + 1, 0 }, { last + 1, #text }, buffer, server.offset_encoding)
  params.instruction = instruction
  params.partialResultToken = token
  edit.cancel = client.ask(server, 'lanyard/edit', params, function(result)
    edit.cancel = nil
    if open[buffer] ~= edit then
      return
    end
    edit.result = result
    for _, problem in ipairs(result.problems) do
      client.say(problem, vim.log.levels.WARN)
    end
    draw(edit, ('%s by %s; <CR> accepts, <Esc> discards'):format(table.concat(result.checks, ', '), result.worker))
  end, function(message)
    edit.cancel = nil
    if open[buffer] == edit then
      edit.lines = {}
      edit.again = function()
        local row = first_line(edit)
        ask(buffer, row, row + edit.count - 1, instruction)
      end
      draw(edit, message .. '; <CR> asks once more, <Esc> discards')
    end
  end)
end

--- Ask for an edit of the lines of a range, or of the cursor's line.
---@param range? { line1: integer, line2: integer }
---@param instruction string asked for where it is empty
function M.start(range, instruction)
  local buffer = vim.api.nvim_get_current_buf()
  local line = vim.api.nvim_win_get_cursor(0)[1]
  local first, last = range and range.line1 or line, range and range.line2 or line
  if not vim.bo[buffer].modifiable then
    client.say('This buffer cannot be changed', vim.log.levels.WARN)
    return
  end
  if instruction ~= '' then
    ask(buffer, first - 1, last - 1, instruction)
    return
  end
  vim.ui.input({ prompt = 'Lanyard edit: ' }, function(given)
    if given and vim.trim(given) ~= '' then
      ask(buffer, first - 1, last - 1, given)
    end
  end)
end

return M
