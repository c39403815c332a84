local test = require("test")

-- The handler itself is tried by a server: tests/cli/scripts.mjs. What it needs of the rules is tried here.
local script = { kind = "plugin", id = test.id("chat_notifier"), road = "plugin", permissions = { "view_clients" } }

test("the rules let a script read the client whom it tells of", function(t)
  t.allows("client.read", { actor = script, target = { id = t.id("jane"), givenName = "Jane" } })
  t.equal(t.scope("client", { actor = script }), "everything")
end)

test("a script without the permission reads nobody", function(t)
  local other = { kind = "plugin", id = t.id("other"), road = "plugin" }

  t.denies("client.read", { actor = other, target = { id = t.id("jane"), givenName = "Jane" } })
end)
