--- Text as virtual lines, which Neovim cuts off at the edge of the window.

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

return M
