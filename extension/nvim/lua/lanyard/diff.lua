--- A proposal beside its file: the difference, taken hunk by hunk or whole.

local M = {}

local client = require('lanyard.client')

---@class lanyard.Hunk
---@field index integer
---@field firstLine integer
---@field before string
---@field after string

---@class lanyard.Proposal
---@field id string
---@field title string
---@field uri string
---@field new boolean
---@field before string
---@field after string
---@field evidence string
---@field hunks lanyard.Hunk[]

---@param text string
---@return integer
local function count(text)
  local _, ends = text:gsub('\n', '')
  return ends + ((text == '' or text:sub(-1) == '\n') and 0 or 1)
end

--- The number of the hunk that a line of the new text belongs to; the nearest where it belongs to none.
---@param proposal lanyard.Proposal
---@param line integer 0-based, in the new text
---@return integer?
function M.hunk_at(proposal, line)
  local shift, best, distance = 0, nil, math.huge
  for _, hunk in ipairs(proposal.hunks) do
    local first = hunk.firstLine + shift
    local added, removed = count(hunk.after), count(hunk.before)
    local last = first + math.max(added, 1) - 1
    local away = line < first and first - line or line > last and line - last or 0
    if away < distance then
      best, distance = hunk.index, away
    end
    shift = shift + added - removed
  end
  return best
end

---@param buffer integer
---@param text string
local function fill(buffer, text)
  vim.bo[buffer].modifiable = true
  local lines = vim.split(text, '\n', { plain = true })
  if lines[#lines] == '' then
    lines[#lines] = nil
  end
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
end

--- The server as it is now: it may have been started again since the difference was shown.
---@param command string
---@param arguments any[]
---@param done fun(answer: any)
local function run(command, arguments, done)
  local server = client.need()
  if server then
    client.execute(server, command, arguments, done)
  end
end

---@param proposal lanyard.Proposal
local function show(proposal)
  local name = ('lanyard://%s/%s'):format(proposal.id, vim.fs.basename(proposal.uri))
  local open = vim.fn.win_findbuf(vim.fn.bufnr('^' .. name .. '$'))[1]
  if open then
    vim.api.nvim_set_current_win(open)
    return
  end
  vim.cmd('tab split')
  vim.cmd.edit(vim.fn.fnameescape(vim.uri_to_fname(proposal.uri)))
  local left = vim.api.nvim_get_current_win()
  vim.cmd('diffthis')
  vim.cmd('rightbelow vsplit')
  local right = vim.api.nvim_get_current_win()
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_win_set_buf(right, buffer)
  vim.api.nvim_buf_set_name(buffer, name)
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].filetype = vim.bo[vim.api.nvim_win_get_buf(left)].filetype
  fill(buffer, proposal.after)
  vim.cmd('diffthis')
  local bar = ' %s: %s  (a: hunk, A: all, x: dismiss, q: close)'
  local function label(found)
    vim.wo[right].winbar = bar:format(found.title, found.evidence):gsub('%%', '%%%%')
  end
  label(proposal)
  local function finish()
    for _, window in ipairs({ right, left }) do
      if vim.api.nvim_win_is_valid(window) then
        vim.api.nvim_win_call(window, function() vim.cmd('diffoff') end)
      end
    end
    if not vim.api.nvim_win_is_valid(right) then
      return
    end
    if #vim.api.nvim_list_tabpages() > 1 then
      vim.cmd.tabclose(vim.api.nvim_tabpage_get_number(vim.api.nvim_win_get_tabpage(right)))
    else
      vim.api.nvim_win_close(right, true)
    end
  end
  local function again()
    local server = client.need()
    if not server then
      return
    end
    client.ask(server, 'lanyard/proposal', { id = proposal.id }, function(found)
      proposal = found
      if vim.api.nvim_buf_is_valid(buffer) then
        fill(buffer, found.after)
        label(found)
        vim.cmd.diffupdate()
      end
    end, finish)
  end
  vim.api.nvim_create_autocmd('User', {
    group = vim.api.nvim_create_augroup('lanyard.diff.' .. buffer, {}),
    pattern = 'LanyardStatus',
    callback = function()
      if not vim.api.nvim_win_is_valid(right) or not vim.api.nvim_buf_is_valid(buffer) then
        return true
      end
      local status = require('lanyard.status').get()
      if not client.get() and status and status.state == 'error' then
        vim.wo[right].winbar = (' ' .. status.line .. '; the proposal is kept'):gsub('%%', '%%%%')
      else
        label(proposal)
      end
    end,
  })
  local function map(key, what, action)
    vim.keymap.set('n', key, action, { buffer = buffer, nowait = true, desc = 'Lanyard diff: ' .. what })
  end
  map('a', 'apply this hunk', function()
    local index = M.hunk_at(proposal, vim.api.nvim_win_get_cursor(0)[1] - 1)
    run('lanyard.apply', { proposal.id, { index } }, function(answer)
      if (answer.left or 0) > 0 then again() else finish() end
    end)
  end)
  map('A', 'apply all', function() run('lanyard.apply', { proposal.id }, finish) end)
  map('x', 'dismiss', function() run('lanyard.dismiss', { proposal.id }, finish) end)
  map('q', 'close', finish)
  if proposal.hunks[1] then
    local line = math.min(proposal.hunks[1].firstLine + 1, vim.api.nvim_buf_line_count(buffer))
    vim.api.nvim_win_set_cursor(right, { line, 0 })
  end
end

--- Show a proposal by its id.
---@param id string
function M.open(id)
  local server = client.need()
  if server then
    client.ask(server, 'lanyard/proposal', { id = id }, show)
  end
end

--- Show the proposal of this buffer, the user choosing where there are several.
function M.pick()
  local found, seen = {}, {}
  for _, one in ipairs(vim.diagnostic.get(nil)) do
    local data = one.source == 'lanyard' and one.code == 'proposal' and one.user_data and one.user_data.lsp
    local id = data and data.data and data.data.entry
    if id and not seen[id] then
      seen[id] = true
      found[#found + 1] = { id = id, title = one.message:match('^[^;]*') }
    end
  end
  if #found == 0 then
    client.say('No proposal waits for you')
    return
  end
  if #found == 1 then
    M.open(found[1].id)
    return
  end
  vim.ui.select(found, {
    prompt = 'Proposals',
    format_item = function(one) return one.title end,
  }, function(one)
    if one then
      M.open(one.id)
    end
  end)
end

return M
