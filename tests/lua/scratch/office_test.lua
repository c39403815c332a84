local test = require("test")

local ann = { givenName = "Ann", familyName = "Lee", email = "ann@example.com" }
local hook = "https://hook.example/x"

local function texts(w, begins)
  local found = {}
  for _, line in ipairs(w.log) do
    if line.text:find(begins, 1, true) == 1 then found[#found + 1] = line.text end
  end
  return found
end

local function status_of(w, handler)
  local found = {}
  for _, delivery in ipairs(w.deliveries) do
    if delivery.handler == handler then found[#found + 1] = delivery.status end
  end
  return found
end

test("a handler that fails twice and then works is tried when its time has come", function(t)
  local w = t.workspace { settings = { hook = hook } }
  w:stub("POST", hook, { { status = 500 }, { error = "timeout" }, { status = 204 } })
  w:client(ann)
  w:run()
  t.equal(#w.fetches, 1)
  t.equal(status_of(w, "tell"), { "failed" })
  t.equal(w.deliveries[1].error, "the hook says 500")
  t.equal(w.deliveries[1].where:match("office.lua:%d+$") ~= nil, true)
  w:run()
  t.equal(#w.fetches, 1)
  w:advance("59s")
  t.equal(#w.fetches, 1)
  w:advance("30s")
  t.equal(#w.fetches, 2)
  t.equal(w.deliveries[1].error, "foyer.http.fetch: hook.example has not answered in time")
  w:advance("6m")
  t.equal(#w.fetches, 3)
  t.equal(status_of(w, "tell"), { "done" })
  t.equal(w.fetches[3].json, { name = "Ann" })
  t.equal(w.fetches[3].headers.authorization, "Bearer k")
  t.equal(w.fetches[3].status, 204)
  t.equal(#texts(w, "telling of Ann"), 3)
end)

test("who asks to be asked later is asked later", function(t)
  local w = t.workspace { settings = { hook = hook } }
  w:stub("POST", hook, { { status = 429, headers = { ["Retry-After"] = "3600" } }, { status = 204 } })
  w:client(ann)
  w:advance("59m")
  t.equal(#w.fetches, 1)
  w:advance("2m")
  t.equal(#w.fetches, 2)
  t.equal(status_of(w, "tell"), { "done" })
end)

test("webhooks go out as in earnest, to a stub", function(t)
  local w = t.workspace()
  local made = w.owner:post("/v1/webhook-endpoints", { url = "https://crm.example/in", events = { "client.created" } })
  t.equal(made.status, 200)
  w:stub("POST", "https://crm.example/in", { { status = 500 }, { status = 204 } })
  w:client(ann)
  w:run()
  t.equal(w.fetches[1].plugin, "webhooks")
  t.equal(w.fetches[1].headers["webhook-id"] ~= nil, true)
  w:advance("10m")
  t.equal(#w.fetches, 2)
  t.equal(w.fetches[1].headers["webhook-id"], w.fetches[2].headers["webhook-id"])
end)

test("a handler that never works is a dead letter after a day and a half", function(t)
  local w = t.workspace { settings = { hook = hook } }
  w:stub("POST", "https://*", { error = "refused" })
  w:client(ann)
  w:advance("2d")
  t.equal(#w.fetches, 8)
  t.equal(status_of(w, "tell"), { "dead" })
end)

test("the stub that came last answers, and may be a function of the request", function(t)
  local w = t.workspace { settings = { hook = hook } }
  w:stub("*", "*", { status = 500 })
  w:stub("POST", "https://hook.example/*", function(request, count)
    t.equal(request.url, hook)
    t.equal(request.body, '{"name":"Ann"}')
    return { status = 200 + count, body = { n = count }, headers = { ["X-Which"] = "second" } }
  end)
  w:client(ann)
  w:run()
  t.equal(w.fetches[1].status, 201)
end)

test("secrets go where they are sent, and nowhere else", function(t)
  local w = t.workspace { settings = { hook = hook, token = "s3cret" } }
  w:stub("POST", hook, { status = 204 })
  w:client(ann)
  w:run()
  t.equal(w.fetches[1].headers["x-token"], "s3cret")
  local plugin = w.owner:get("/v1/plugins/" .. w.plugin)
  t.equal(plugin.status, 200)
  t.equal(plugin.text:find("s3cret", 1, true), nil)
end)

test("who signs in is greeted, once, also when the server starts again", function(t)
  local w = t.workspace()
  local client = w:client(ann)
  w:run()
  t.equal(w.mails, {})
  w:sign_in(client)
  w:restart()
  w:run()
  t.equal(#w.mails, 1)
  t.equal(w.mails[1].to, "ann@example.com")
  t.equal(w.mails[1].subject, "Welcome")
  t.equal(w.mails[1].links, { "https://office.example/start" })
  t.equal(w:kv(), { ["greeted/" .. client.id] = true })
  w:restart()
  w:advance("1d")
  t.equal(#w.mails, 1)
end)

test("a transaction that fails changes nothing", function(t)
  local w = t.workspace()
  local mallory = w:client { givenName = "Mallory", familyName = "M", email = "mallory@example.com" }
  local result, why = w:transaction("greet", { id = mallory.id, email = mallory.email, name = "Mallory" })
  t.equal(result, nil)
  t.equal(why:match("nobody greets Mallory"), "nobody greets Mallory")
  w:sign_in(mallory)
  w:run()
  t.equal(w:kv(), {})
  t.equal(w.mails, {})
  t.equal(status_of(w, "greet"), { "failed" })
  t.equal(w:transaction("greet", { id = "x", email = "ann@example.com", name = "Ann" }), { greeted = "Ann" })
  t.equal(w:kv(), { ["greeted/x"] = true })
end)

test("rules and filters decide as in earnest", function(t)
  local w = t.workspace()
  local client = w:client(ann)
  local key = w:key { name = "robot", scopes = { "view_clients", "delete_clients" } }
  t.refused(key:delete("/v1/clients/" .. client.id), 403, "by_hand_only")
  t.equal(w.owner:delete("/v1/clients/" .. client.id).status, 200)
  local bea = { givenName = "B", familyName = "B", email = "b@gmail.com" }
  t.refused(w.owner:post("/v1/clients", bea), 422, "no_freemail", "email")
  t.refused(w.nobody:get("/v1/clients"), 401)
  t.refused(w.owner:get("/v1/clients/" .. t.id("nobody")), 404)
  t.refused(w.owner:post("/v1/clients", "no JSON"), 400)
  local staff = w:staff { role = "Staff of assigned clients only", email = "sam@example.com" }
  t.equal(staff:get("/v1/clients").body.data, {})
  t.equal(w.owner:get("/v1/clients", { query = { limit = 5, email = "nobody@example.com" } }).body.data, {})
end)

test("clients come in by the link of a real mail", function(t)
  local w = t.workspace()
  local client = w:client(ann)
  t.equal(w.owner:post("/v1/invites", { clientIds = { client.id } }).status, 200)
  w:run()
  t.equal(w.mails[1].kind, "invite")
  local page = w.nobody:get(w.mails[1].links[1])
  t.equal(page.status, 200)
  t.equal(page.headers["content-security-policy"] ~= nil, true)
  t.equal(page.text:find("<form", 1, true) ~= nil, true)
  t.equal(client:get("/v1/me").status, 200)
end)

test("what a workspace chooses holds at once", function(t)
  local w = t.workspace { settings = { hook = hook } }
  w:stub("POST", hook, { status = 204 })
  w:disable()
  w:client(ann)
  w:run()
  t.equal(#w.fetches, 0)
  w:enable()
  w:client { givenName = "Bea", familyName = "B", email = "bea@example.com" }
  w:run()
  t.equal(#w.fetches, 1)
  w:set { hook = "" }
  w:client { givenName = "Cy", familyName = "C", email = "cy@example.com" }
  w:run()
  t.equal(#w.fetches, 1)
end)

test("workspaces see nothing of each other", function(t)
  local one = t.workspace { settings = { hook = hook } }
  local two = t.workspace { name = "Two" }
  one:stub("POST", hook, { status = 204 })
  local client = one:client(ann)
  two:client(ann)
  one:sign_in(client)
  two:run()
  t.refused(two.owner:get("/v1/clients/" .. client.id), 404)
  t.equal(#one.fetches, 1)
  t.equal(#two.fetches, 0)
  t.equal(#one.mails, 1)
  t.equal(#two.mails, 0)
  t.equal(two:kv(), {})
  t.equal(#two.owner:get("/v1/clients").body.data, 1)
  t.equal(one.id ~= two.id, true)
end)

test("each test begins with nothing, at the same time, with the same ids", function(t)
  local w = t.workspace()
  t.equal(w.now, "2026-01-05T09:00:00.000000Z")
  t.equal(w.owner:get("/v1/clients").body.data, {})
  t.equal(w.events, {})
  t.equal(w.deliveries, {})
  t.equal(w.log, {})
  t.equal(w:client(ann).createdAt, "2026-01-05T09:00:00.000000Z")
end)

local seen

test("ids are noted", function(t)
  seen = t.workspace():client(ann).id
  t.equal(#seen, 36)
end)

test("ids are the same again", function(t)
  t.equal(t.workspace():client(ann).id, seen)
end)

test("what was made at one time is listed in its order", function(t)
  local w = t.workspace()
  for i = 1, 9 do w:client { givenName = "C" .. i, familyName = "C", email = "c" .. i .. "@example.com" } end
  local names = {}
  for _, client in ipairs(w.owner:get("/v1/clients", { query = { sort = "createdAt" } }).body.data) do
    names[#names + 1] = client.givenName
  end
  t.equal(table.concat(names, " "), "C1 C2 C3 C4 C5 C6 C7 C8 C9")
end)

-- Berlin's clocks go from 2 to 3 on 29 March, and from 3 to 2 on 25 October.
test("a job at an hour that is left out runs at its end", function(t)
  local w = t.workspace { zone = "Europe/Berlin", now = "2026-03-28T00:00:00Z" }
  w:advance("3d")
  t.equal(texts(w, "nightly"), { "nightly 2026-03-28T01:30:00.000000Z", "nightly 2026-03-29T01:00:00.000000Z",
    "nightly 2026-03-30T00:30:00.000000Z" })
end)

test("a job at an hour that comes twice runs once", function(t)
  local w = t.workspace { zone = "Europe/Berlin", now = "2026-10-24T12:00:00Z" }
  w:advance("2026-10-26T12:00:00Z")
  t.equal(texts(w, "nightly"), { "nightly 2026-10-25T00:30:00.000000Z", "nightly 2026-10-26T01:30:00.000000Z" })
end)

test("jobs run in the order of their times", function(t)
  local w = t.workspace()
  w:advance("1d")
  t.equal(#texts(w, "hourly") >= 22, true) -- each at a chance of ten minutes
  local last = ""
  for _, line in ipairs(w.log) do
    local time = line.text:match("%S+$")
    t.equal(last <= time, true)
    last = time
  end
end)

test("a job that is not over yet is left out when it is due again", function(t)
  local w = t.workspace { settings = { feeds = true } }
  w:stub("GET", "https://hook.example/feed", { { status = 500 }, { status = 500 }, { status = 500 }, { status = 200 } })
  w:advance("35m") -- begun at 10, tried again at about 11 and 16, and then half an hour later
  t.equal(status_of(w, "feed"), { "failed" })
  t.equal(#w.fetches, 3)
  w:advance("30m")
  t.equal(#status_of(w, "feed"), 3) -- its own at 46, those of 50 and 60
  t.equal(w.deliveries[1].status, "done")
end)

test("operations on many are done when what is due runs", function(t)
  local w = t.workspace()
  local company = w:company { name = "Acme" }
  local ids = {}
  for i = 1, 101 do
    ids[i] = w:client { givenName = "C", familyName = "C", email = "c" .. i .. "@example.com" }.id
  end
  local answer = w.owner:post("/v1/invites", { clientIds = ids })
  t.equal(answer.status, 202)
  w:run()
  t.equal(w.owner:get("/v1/operations/" .. answer.body.id).body.status, "done")
  t.equal(#w.mails, 101)
  t.equal(company.name, "Acme")
end)

test("requests that a script answers are asked by whom you like", function(t)
  local w = t.workspace()
  local client = w:client(ann)
  local function hooked(token, id)
    return w.nobody:post("/p/office/hook", { id = id, score = 7 }, { headers = { ["X-Token"] = token } })
  end

  t.equal(hooked("x", client.id).status, 401)
  t.equal(hooked("t", t.id("nobody")).status, 404)
  local done = hooked("t", client.id)
  t.equal({ done.status, done.body }, { 200, { name = "Ann" } })
  t.equal(w:kv(), { ["hook/" .. client.id] = 7 })

  w:stub("GET", "https://hook.example/rates", { { status = 200, body = { rate = 3 } }, { error = "timeout" } })
  t.equal(w.owner:get("/p/office/rates").body, { rate = 3 })
  t.equal(w.owner:get("/p/office/rates").status, 500)
  t.refused(w.nobody:get("/p/office/rates"), 401)
  t.equal(#w.fetches, 2)

  local page = w.owner:get("/p/office/people")
  t.equal(page.status, 200)
  t.equal(page.text:find("<p>1</p>", 1, true) ~= nil, true)
  t.equal(client:get("/p/office/people").status >= 400, true)
  t.equal(w.owner:get("/p/office/none").status, 404)
end)

test("t.handle is there beside it, for one function alone", function(t)
  local body = { id = t.id("ann"), email = "a@example.com", givenName = "A" }
  local answers = { ["GET /v1/clients/" .. body.id] = { status = 200, body = body } }
  t.equal(#t.handle("greet", { event = { entityId = body.id }, answers = answers }).calls, 2)
end)
