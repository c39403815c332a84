local test = require("test")
local foyer = require("foyer")

local jane = test.id("jane")
local base = "https://crm.example.com/v1"
local settings = { ["crm-sync"] = { base = base, token = "abc", person_fields = "givenName=first, phone=phone" } }

-- Pushes Jane, of whom `known` is known, where the CRM gives `answers`.
local function push(t, known, answers, client)
  answers.next = { items = foyer.json.array { { kind = "client", id = jane, version = 5, known = known } } }
  answers["GET /v1/clients/" .. jane] = client or { status = 200, body = { id = jane, givenName = "Jane" } }
  return t.handle("push", { settings = settings, answers = answers })
end

local function settled(done)
  for _, call in ipairs(done.calls) do
    if call.run == "settle" then return call.args end
  end
end

local function fetched(done)
  local list = {}
  for _, call in ipairs(done.calls) do
    if call.fetch then list[#list + 1] = call.method .. " " .. call.fetch:sub(#base + 1) end
  end
  return table.concat(list, ", ")
end

test("without an address nothing is marked and nothing is sent", function(t)
  t.equal(#t.handle("push").calls, 0)
  t.equal(#t.handle("mark_client.created", { event = { entity = "client", entityId = jane } }).calls, 0)
end)

test("whoever is new is made, with the token and Foyer's id", function(t)
  local done = push(t, {}, { ["POST " .. base .. "/contacts"] = { status = 201, body = '{"id":7}' } })

  t.equal(done.error, nil)
  t.equal(done.calls[3].headers.Authorization, "Bearer abc")
  t.equal(foyer.json.decode(done.calls[3].body), { external_id = jane, first = "Jane" })
  t.equal(done.calls[3].body:find('"phone":null', 1, true) ~= nil, true)
  t.equal(settled(done).known.crm, "7")
  t.equal(settled(done).result, "made")
end)

test("what has not changed is not sent: so nothing goes in circles", function(t)
  local done = push(t, {}, { ["POST " .. base .. "/contacts"] = { status = 201, body = '{"id":7}' } })

  t.equal(fetched(push(t, settled(done).known, {})), "")
end)

test("whoever is there already is adopted", function(t)
  local done = push(t, {}, {
    ["POST " .. base .. "/contacts"] = { status = 409, body = "{}" },
    ["GET " .. base .. "/contacts?external_id=" .. jane] = { status = 200, body = '{"results":[{"id":"x/9"}]}' },
  })

  t.equal(fetched(done), "POST /contacts, GET /contacts?external_id=" .. jane .. ", PATCH /contacts/x%2F9")
  t.equal(settled(done).known.crm, "x/9")
end)

test("whom somebody has deleted there is made anew", function(t)
  local done = push(t, { crm = "7", sum = "old" }, {
    ["PATCH " .. base .. "/contacts/7"] = { status = 404 },
    ["POST " .. base .. "/contacts"] = { status = 201, body = '{"data":{"id":"8"}}' },
  })

  t.equal(settled(done).known.crm, "8")
end)

test("when the CRM asks to wait, nobody is sent until then", function(t)
  local busy = { status = 429, headers = { ["retry-after"] = "90" } }
  local done = push(t, {}, { ["POST " .. base .. "/contacts"] = busy })

  t.equal(done.error, nil)
  t.equal(settled(done), nil)
  t.equal(done.calls[#done.calls].run, "pause")
  t.equal(done.calls[#done.calls].args.seconds, 90)
end)

test("what it does not take is kept with the reason, and what may pass is tried again", function(t)
  local made = "POST " .. base .. "/contacts"

  t.equal(settled(push(t, {}, { [made] = { status = 422, body = "no phone" } })).known.refused, "422: no phone")
  t.equal(push(t, {}, { [made] = { status = 500 } }).error:find("the CRM says 500", 1, true) ~= nil, true)
  t.equal(push(t, {}, { [made] = { status = 401 } }).error:find("the CRM says 401", 1, true) ~= nil, true)
  t.equal(push(t, {}, { [made] = { error = "it takes no connection" } }).error ~= nil, true)
end)

test("whoever is archived stays in the CRM, or goes where the settings say so", function(t)
  local gone = { status = 404, body = { message = "It is not there." } }

  t.equal(fetched(push(t, { crm = "7" }, {}, gone)), "")
  settings["crm-sync"].deleted = "delete"
  t.equal(fetched(push(t, { crm = "7" }, { ["DELETE " .. base .. "/contacts/7"] = { status = 404 } }, gone)),
    "DELETE /contacts/7")
  settings["crm-sync"].deleted = nil
end)

test("a full resync goes page by page, and once for each word", function(t)
  local done = t.handle("resync", { settings = settings, answers = {
    read_resync = { word = "first", kind = "client", page = "p2" },
    ["GET /v1/clients"] = { status = 200, body = { data = { { id = jane } } } },
  } })

  t.equal(done.calls[2].query:find("nextToken=p2", 1, true) ~= nil, true)
  t.equal(done.calls[3].args, { kind = "client", ids = { jane }, state = { word = "first" } })
  t.equal(#t.handle("resync", { settings = settings, answers = { read_resync = { word = "first" } } }).calls, 1)
end)
