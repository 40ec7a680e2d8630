--- Keys in Insert mode that do something of ours where there is something to do, and else what they did before.

local M = {}

local DESCRIPTION = 'Lanyard suggestion'

---@type string? the key whose former meaning is being carried out
local falling

--- Keys that go before what was typed ahead, and mean what they mean to Neovim.
---@param keys string
function M.feed(keys)
  vim.api.nvim_feedkeys(vim.keycode(keys), 'ni', false)
end

--- The mapping of a key that is not of this buffer alone. It may have come after ours: plugins are loaded late.
---@param key string
---@return table<string, any>? mapping as maparg() gives it
local function everywhere(key)
  local raw = vim.keycode(key)
  for _, mapping in ipairs(vim.fn.maplist()) do
    local same = mapping.lhsraw == raw or mapping.lhsrawalt == raw
    if same and mapping.buffer == 0 and mapping.abbr == 0 and mapping.mode:find('[i!]') then
      return mapping
    end
  end
end

--- Do what the key did before. Neovim itself carries it out, under another name: an expression, a script's own
--- functions and what is mapped once more keep their meaning.
---@param key string
---@param own? table<string, any> the buffer's mapping that ours took the place of
---@return string keys what our mapping stands for
local function fall_back(key, own)
  local mapping = falling ~= key and (own or everywhere(key)) or nil
  if not mapping then
    falling = nil
    return key
  end
  local name = '<Plug>(lanyard-before-' .. key:gsub('[<>]', '') .. ')'
  local renamed = vim.tbl_extend('force', mapping, { lhs = name, lhsraw = vim.keycode(name), buffer = 1 })
  renamed.lhsrawalt = nil
  vim.fn.mapset('i', false, renamed)
  -- A mapping that ends in its own key meant the key itself.
  falling = key
  vim.schedule(function() falling = nil end)
  return name
end

--- Map a key of a buffer. A key that is mapped already stays as it is.
---@param buffer integer
---@param key string|false
---@param action fun(): boolean whether there was something to do
function M.map(buffer, key, action)
  local own ---@type table<string, any>?
  if not key or key == '' then
    return
  end
  vim.api.nvim_buf_call(buffer, function() own = vim.fn.maparg(key, 'i', false, true) end)
  if own and own.desc == DESCRIPTION then
    return
  end
  own = own and own.buffer == 1 and own or nil
  -- What begins with its own key is not mapped again, and ends an abbreviation as the key typed does.
  vim.keymap.set('i', key, function()
    return action() and '' or fall_back(key, own)
  end, { buffer = buffer, expr = true, remap = true, desc = DESCRIPTION })
end

return M
