--- `:Lanyard`: its words, their completion, and what each does.

local M = {}

local client = function() return require('lanyard.client') end

-- The kinds of code actions, by the word that runs them.
local actions = {
  review = 'lanyard.review',
  tests = 'refactor.rewrite.tests',
  refactor = 'refactor.rewrite',
  document = 'refactor.rewrite.document',
  explain = 'lanyard.explain',
  fix = 'quickfix',
}

--- Run the nearest target's action of a kind at the cursor or the selection.
---@param kind string
---@param range? { first: integer, last: integer } 1-based lines
function M.action(kind, range)
  local buffer = vim.api.nvim_get_current_buf()
  local server = client().need(buffer)
  if not server then
    return
  end
  local params
  if range then
    local last = vim.api.nvim_buf_get_lines(buffer, range.last - 1, range.last, false)[1] or ''
    params = vim.lsp.util.make_given_range_params({ range.first, 0 }, { range.last, #last }, buffer, server.offset_encoding)
  else
    params = vim.lsp.util.make_range_params(0, server.offset_encoding)
  end
  local diagnostics = {}
  local cursor = vim.api.nvim_win_get_cursor(0)[1] - 1
  for _, one in ipairs(vim.diagnostic.get(buffer, { lnum = cursor })) do
    if one.user_data and one.user_data.lsp then
      diagnostics[#diagnostics + 1] = one.user_data.lsp
    end
  end
  params.context = { only = { kind }, diagnostics = kind == 'quickfix' and diagnostics or {} }
  client().ask(server, 'textDocument/codeAction', params, function(found)
    for _, action in ipairs(found or {}) do
      local command = type(action.command) == 'table' and action.command or action
      if action.kind == kind and command.command == 'lanyard.run' then
        client().execute(server, command.command, command.arguments)
        return
      end
    end
    client().say(kind == 'quickfix' and 'No diagnostic here to fix' or 'Nothing here that this fits; put the cursor into a function')
  end)
end

-- What waits for a server that starts; the others work without one.
local needs = { chat = true, diff = true, fleet = true, tasks = true, add = true, edit = true, [''] = true }
for word in pairs(actions) do
  needs[word] = true
end

---@type table<string, fun(given: table, rest: string)>
local words = {
  chat = function(given, rest) require('lanyard.chat').open(given.range > 0 and given or nil, rest) end,
  edit = function(given, rest) require('lanyard.edit').start(given.range > 0 and given or nil, rest) end,
  diff = function() require('lanyard.diff').pick() end,
  fleet = function() require('lanyard.fleet').open() end,
  tasks = function() require('lanyard.fleet').open() end,
  add = function(_, rest) require('lanyard.fleet').add(rest) end,
  log = function() vim.cmd.edit(vim.fn.fnameescape(vim.lsp.log.get_filename())) end,
  restart = function() require('lanyard.keep').restart() end,
  complete = function() require('lanyard.ghost').ask() end,
}
for word, kind in pairs(actions) do
  words[word] = function(given)
    M.action(kind, given.range > 0 and { first = given.line1, last = given.line2 } or nil)
  end
end

-- What is about the lines that are selected.
local takes_range = { chat = true, edit = true }
for word in pairs(actions) do
  takes_range[word] = true
end

--- From a mapping with <Cmd> a selection comes without its range and goes on: take its lines, and end it as : does.
---@param given table what nvim_create_user_command gives
---@return table
local function with_selection(given)
  if given.range > 0 or not vim.api.nvim_get_mode().mode:match('^[vVsS\22\19]') then
    return given
  end
  local one, other = vim.fn.line('v'), vim.fn.line('.')
  vim.cmd('normal! \27')
  return vim.tbl_extend('force', given, { range = 2, line1 = math.min(one, other), line2 = math.max(one, other) })
end

--- Run what stands behind `:Lanyard`.
---@param given table what nvim_create_user_command gives
function M.run(given)
  local word, rest = given.args:match('^(%S*)%s*(.*)$')
  local run = words[word == '' and 'fleet' or word]
  if not run then
    client().say(('There is no :Lanyard %s; :help :Lanyard has them all'):format(word), vim.log.levels.WARN)
    return
  end
  if takes_range[word] then
    given = with_selection(given)
  end
  if needs[word] and not client().get() and require('lanyard.keep').coming() then
    client().say('Lanyard is starting …')
    require('lanyard.keep').once_there(function() run(given, rest) end)
    return
  end
  run(given, rest)
end

--- The words that fit.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  if line:match('Lanyard%s+%S+%s') then
    return {}
  end
  local found = vim.tbl_filter(function(word) return vim.startswith(word, lead) end, vim.tbl_keys(words))
  table.sort(found)
  return found
end

return M
