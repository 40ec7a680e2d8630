--- Text as virtual lines, which Neovim cuts off at the edge of the window, and places in lines.

local M = {}

--- A line as virtual lines that fit into the narrowest window of a buffer.
---@param buffer integer
---@param line string
---@param highlight string
---@return [string, string][][]
function M.wrap(buffer, line, highlight)
  local width = 80
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    width = math.min(width, vim.api.nvim_win_get_width(window) - vim.fn.getwininfo(window)[1].textoff)
  end
  local found, row = {}, ''
  for word in line:gmatch('%S+') do
    local longer = row == '' and word or row .. ' ' .. word
    if row ~= '' and vim.fn.strdisplaywidth(longer) > width then
      found[#found + 1] = { { row, highlight } }
      longer = word
    end
    row = longer
  end
  found[#found + 1] = { { row, highlight } }
  return found
end

--- A text as virtual lines, the first of which goes behind `before`: Neovim does not know where a tab in one begins.
---@param text string
---@param before string what stands left of the first line
---@param highlight string
---@return [string, string][][]
function M.drawn(text, before, highlight)
  local found, lead = {}, before
  for line in vim.gsplit(text, '\n', { plain = true }) do
    local start = vim.fn.strdisplaywidth(lead)
    local shown = ''
    for piece, tab in line:gmatch('([^\t]*)(\t?)') do
      shown = shown .. piece
      if tab ~= '' then
        local at = start + vim.fn.strdisplaywidth(shown, start)
        shown = shown .. (' '):rep(vim.fn.strdisplaywidth('\t', at))
      end
    end
    found[#found + 1] = { { shown, highlight } }
    lead = ''
  end
  return found
end

--- The byte at which a character of LSP's stands; the end of the line where it has less.
---@param line string
---@param character integer
---@param encoding string
---@return integer
function M.byte(line, character, encoding)
  if encoding == 'utf-8' then
    return math.min(character, #line)
  end
  local found, at
  if vim.fn.has('nvim-0.11') == 1 then
    found, at = pcall(vim.str_byteindex, line, encoding, character, false)
  else
    found, at = pcall(vim.str_byteindex, line, character, encoding == 'utf-16')
  end
  return found and at or #line
end

return M
