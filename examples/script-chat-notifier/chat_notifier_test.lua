local test = require("test")

local jane = test.id("jane")

local function accept(t, answers, client)
  answers["GET /v1/clients/" .. jane] = client or { status = 200, body = { givenName = "Jane", familyName = "Doe" } }
  return t.handle("chat", { event = { entityId = t.id("invite"), data = { clientId = jane, email = "jane@example.com",
    inviterName = "Ann Lee" } }, answers = answers })
end

-- Settings are those of a workspace, and tests have none: where there is no chat, nothing is asked.
test("without the address of a chat nobody is told", function(t)
  local done = accept(t, {})

  t.equal(#done.calls, 0)
  t.equal(done.error, nil)
end)

test("the rules let a script read the client whom it tells of", function(t)
  local script = { kind = "plugin", id = t.id("chat_notifier"), road = "plugin", permissions = { "view_clients" } }

  t.allows("client.read", { actor = script, target = { id = jane, givenName = "Jane" } })
  t.equal(t.scope("client", { actor = script }), "everything")
end)
