--- The fleet in a buffer: workers, their models and load, and the tasks.

local M = {}

local client = require('lanyard.client')

---@class lanyard.FleetBuffer
---@field buffer integer
---@field lines table<integer, { worker?: table, task?: table }> by 1-based line

---@type lanyard.FleetBuffer?
local view

local help = 't: test  d: drain or resume  a: add a worker  w: why there  x: cancel the task  r: read again  q: close'

--- The fleet as lines, and what each is about.
---@param found table what lanyard/fleet answers
---@return string[] lines
---@return table<integer, { worker?: table, task?: table }> targets
function M.render(found)
  local lines, targets = { found.status.line, '' }, {}
  local function put(line, target)
    lines[#lines + 1] = line
    targets[#lines] = target
  end
  put('Workers')
  for _, worker in ipairs(found.workers) do
    local load = ('%d of %d busy'):format(worker.busy, worker.slots)
    put(('  %s  %s  %s  %s'):format(worker.name, worker.condition, worker.zone, load), { worker = worker })
    if worker.why ~= '' then
      put('      ' .. worker.why, { worker = worker })
    end
    for _, model in ipairs(worker.models) do
      local context = model.context > 0 and (', context %d'):format(model.context) or ''
      put(('      %s (%s%s): %s'):format(model.name, model.size, context, table.concat(model.capabilities, ', ')), { worker = worker })
    end
  end
  if #found.workers == 0 then
    put('  none yet')
  end
  put('')
  put('Tasks')
  for _, task in ipairs(found.tasks) do
    local where = task.worker ~= '' and ('at ' .. task.worker) or task.state == 'queued' and ('%d ahead'):format(task.position) or ''
    put(('  %-9s %s  %s'):format(task.state, task.title, where), { task = task })
    if task.why ~= '' then
      put('      ' .. task.why, { task = task })
    end
  end
  if #found.tasks == 0 then
    put('  none')
  end
  for _, problem in ipairs(found.problems) do
    put('')
    put('! ' .. problem)
  end
  put('')
  put(help)
  for at, line in ipairs(lines) do
    lines[at] = line:gsub('[\r\n]+', ' ')
  end
  return lines, targets
end

--- Read the fleet again into its buffer.
function M.refresh()
  local server = client.get()
  if not view or not vim.api.nvim_buf_is_valid(view.buffer) then
    return
  end
  local function fill(lines, targets)
    if not view or not vim.api.nvim_buf_is_valid(view.buffer) then
      return
    end
    vim.bo[view.buffer].modifiable = true
    vim.api.nvim_buf_set_lines(view.buffer, 0, -1, false, lines)
    vim.bo[view.buffer].modifiable = false
    vim.bo[view.buffer].modified = false
    view.lines = targets
  end
  if not server then
    local known = require('lanyard.status').get()
    fill({ known and known.line or 'Lanyard does not run; :Lanyard restart starts it', '', help }, {})
    return
  end
  client.ask(server, 'lanyard/fleet', vim.NIL, function(found)
    fill(M.render(found))
  end, function(message)
    fill({ message, '', help }, {})
  end)
end

---@return { worker?: table, task?: table }
local function here()
  return view and view.lines[vim.api.nvim_win_get_cursor(0)[1]] or {}
end

--- Add an endpoint by its URL; asked for where it is empty.
---@param url string
function M.add(url)
  local function add(given)
    local server = client.need()
    if server and given and vim.trim(given) ~= '' then
      client.execute(server, 'lanyard.worker.add', { vim.trim(given) }, function(answer)
        local worker = answer.worker
        client.say(worker.condition == 'ready' and (worker.name .. ' is ready') or worker.why)
        M.refresh()
      end)
    end
  end
  if url ~= '' then
    add(url)
  else
    vim.ui.input({ prompt = 'URL of a model server: ', default = 'http://' }, add)
  end
end

local function keys(buffer)
  local function map(key, what, action)
    vim.keymap.set('n', key, action, { buffer = buffer, nowait = true, desc = 'Lanyard fleet: ' .. what })
  end
  local function on_worker(command)
    local worker = here().worker
    local server = worker and client.need()
    if not worker then
      client.say('No worker on this line')
    elseif server then
      client.execute(server, type(command) == 'function' and command(worker) or command, { worker.name }, function(answer)
        local tested = answer.worker
        if type(tested) == 'table' then
          client.say(tested.condition == 'ready' and (tested.name .. ' answers') or tested.why)
        end
        M.refresh()
      end)
    end
  end
  local function on_task(command, done)
    local task = here().task
    local server = task and client.need()
    if not task then
      client.say('No task on this line')
    elseif server then
      client.execute(server, command, { task.id }, done)
    end
  end
  map('t', 'test the worker', function() on_worker('lanyard.worker.test') end)
  map('d', 'drain or resume the worker', function()
    on_worker(function(worker)
      return worker.condition == 'drained' and 'lanyard.worker.resume' or 'lanyard.worker.drain'
    end)
  end)
  map('a', 'add a worker', function() M.add('') end)
  map('w', 'why the task is there', function()
    on_task('lanyard.task.why', function(answer)
      vim.lsp.util.open_floating_preview(answer.lines, 'text', { border = 'rounded', focus_id = 'lanyard.why' })
    end)
  end)
  map('x', 'cancel the task', function() on_task('lanyard.cancel', M.refresh) end)
  map('r', 'read again', M.refresh)
  map('q', 'close', function()
    if not pcall(vim.cmd.close) then
      vim.cmd.bwipeout()  -- the last window stays, with another buffer
    end
  end)
end

--- Open the view, or go to it.
function M.open()
  if view and vim.api.nvim_buf_is_valid(view.buffer) then
    local window = vim.fn.win_findbuf(view.buffer)[1]
    if window then
      vim.api.nvim_set_current_win(window)
      M.refresh()
      return
    end
  end
  if not client.need() then
    return
  end
  local buffer = vim.api.nvim_create_buf(false, true)
  view = { buffer = buffer, lines = {} }
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].filetype = 'lanyard-fleet'
  vim.cmd('botright split')
  vim.api.nvim_win_set_buf(0, buffer)
  local here_only = vim.wo[0][0]
  here_only.number, here_only.relativenumber, here_only.wrap = false, false, false
  keys(buffer)
  local group = vim.api.nvim_create_augroup('lanyard.fleet', {})
  vim.api.nvim_create_autocmd('User', { group = group, pattern = 'LanyardStatus', callback = M.refresh })
  vim.api.nvim_create_autocmd('BufWipeout', {
    group = group,
    buffer = buffer,
    callback = function()
      view = nil
      vim.api.nvim_clear_autocmds({ group = group })
    end,
  })
  M.refresh()
end

return M
