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
---@param file integer the buffer that it is compared with
local function fill(buffer, text, file)
  vim.bo[buffer].modifiable = true
  if vim.bo[file].fileformat == 'dos' then
    text = text:gsub('\r\n', '\n')
  end
  local lines = vim.split(text, '\n', { plain = true })
  if lines[#lines] == '' then
    lines[#lines] = nil
  end
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
end

--- Whether a proposal is shown already; the cursor goes there then.
---@param name string of its buffer
---@return boolean
local function shown(name)
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(window)) == name then
      vim.api.nvim_set_current_win(window)
      return true
    end
  end
  return false
end

---@param proposal lanyard.Proposal
---@param from vim.lsp.Client the server whose proposal it is
local function show(proposal, from)
  local name = ('lanyard://%s/%s'):format(proposal.id, vim.fs.basename(vim.uri_to_fname(proposal.uri)))
  if shown(name) then
    return
  end
  local file, served = vim.uri_to_bufnr(proposal.uri), vim.tbl_keys(from.attached_buffers)
  vim.cmd('tab split')
  local left = vim.api.nvim_get_current_win()
  vim.api.nvim_set_option_value('winfixbuf', false, { win = left, scope = 'local' })
  -- Not :edit, which would read a file with unsaved changes anew and refuses to.
  vim.bo[file].buflisted = true
  vim.api.nvim_win_set_buf(left, file)
  vim.cmd('diffthis')
  --- The server as it is now: it may have been started again since.
  local function server()
    for _, buffer in ipairs(vim.list_extend({ file }, served)) do
      local serves = vim.api.nvim_buf_is_valid(buffer) and client.of(buffer)
      if serves then
        return serves
      end
    end
    return client.need()
  end
  local function run(command, done, hunk)
    local to = server()
    if to then
      client.execute(to, command, { proposal.id, hunk and { hunk } }, done)
    end
  end
  vim.cmd('rightbelow vsplit')
  local right = vim.api.nvim_get_current_win()
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_win_set_buf(right, buffer)
  vim.api.nvim_buf_set_name(buffer, name)
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].filetype = vim.bo[file].filetype
  fill(buffer, proposal.after, file)
  vim.cmd('diffthis')
  local function bar(line)
    vim.wo[right].winbar = (' ' .. line):gsub('[%%\n]', { ['%'] = '%%', ['\n'] = ' ' })
  end
  local function label(found)
    bar(('%s: %s  (a: hunk, A: all, x: dismiss, q: close)'):format(found.title, found.evidence))
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
    elseif #vim.api.nvim_tabpage_list_wins(0) > 1 then
      vim.api.nvim_win_close(right, true)
    else
      vim.api.nvim_win_set_buf(right, file)
    end
  end
  local function again()
    local to = server()
    if not to then
      return
    end
    client.ask(to, 'lanyard/proposal', { id = proposal.id }, function(found)
      proposal = found
      if vim.api.nvim_buf_is_valid(buffer) then
        fill(buffer, found.after, file)
        label(found)
        vim.cmd.diffupdate()
      end
    end, function(message, code)
      if code ~= client.LOST and vim.api.nvim_win_is_valid(right) then
        bar(message)
      end
    end)
  end
  local group = vim.api.nvim_create_augroup('lanyard.diff.' .. buffer, {})
  local function gone()
    return not vim.api.nvim_win_is_valid(right) or not vim.api.nvim_buf_is_valid(buffer)
  end
  vim.api.nvim_create_autocmd({ 'TextChanged', 'InsertLeave' }, {
    group = group,
    buffer = file,
    callback = function()
      if gone() then
        return true
      end
      again()
    end,
  })
  vim.api.nvim_create_autocmd('User', {
    group = group,
    pattern = 'LanyardStatus',
    callback = function()
      if gone() then
        return true
      end
      local status = require('lanyard.status').get()
      if not client.get() and status and status.state == 'error' then
        bar(status.line .. '; the proposal is kept')
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
    run('lanyard.apply', function(answer)
      if (answer.left or 0) > 0 then again() else finish() end
    end, index)
  end)
  map('A', 'apply all', function() run('lanyard.apply', finish) end)
  map('x', 'dismiss', function() run('lanyard.dismiss', finish) end)
  map('q', 'close', finish)
  if proposal.hunks[1] then
    local line = math.min(proposal.hunks[1].firstLine + 1, vim.api.nvim_buf_line_count(buffer))
    vim.api.nvim_win_set_cursor(right, { line, 0 })
  end
end

--- Show a proposal by its id. With several servers, it is the proposal of one of them.
---@param id string
---@param buffer? integer where it is shown as a diagnostic
function M.open(id, buffer)
  local first = client.need(buffer)
  if not first then
    return
  end
  local others = vim.tbl_filter(function(one) return one.id ~= first.id end, vim.lsp.get_clients({ name = 'lanyard' }))
  local function try(server)
    client.ask(server, 'lanyard/proposal', { id = id }, function(found) show(found, server) end, function(message, code)
      local other = table.remove(others, 1)
      if other then
        try(other)
      elseif code ~= client.CANCELLED then
        client.say(message, vim.log.levels.WARN)
      end
    end)
  end
  try(first)
end

--- Show the proposal of this buffer, the user choosing where there are several.
function M.pick()
  local found, seen = {}, {}
  for _, one in ipairs(vim.diagnostic.get(nil)) do
    local data = one.source == 'lanyard' and one.code == 'proposal' and one.user_data and one.user_data.lsp
    local id = data and data.data and data.data.entry
    if id and not seen[id] then
      seen[id] = true
      found[#found + 1] = { id = id, buffer = one.bufnr, title = one.message:match('^[^;]*') }
    end
  end
  if #found == 0 then
    client.say('No proposal waits for you')
    return
  end
  if #found == 1 then
    M.open(found[1].id, found[1].buffer)
    return
  end
  vim.ui.select(found, {
    prompt = 'Proposals',
    format_item = function(one) return one.title end,
  }, function(one)
    if one then
      M.open(one.id, one.buffer)
    end
  end)
end

return M
