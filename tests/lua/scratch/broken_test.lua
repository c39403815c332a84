-- Each of these fails; broken.expected says how.
local test = require("test")

local function client(w, name)
  return w:client { givenName = name, familyName = "X", email = name .. "@example.com" }
end

test("what nobody stubs is told with its URL", function(t)
  local w = t.workspace()
  client(w, "Asks")
  w:run()
end)

test("a handler without an end is stopped", function(t)
  local w = t.workspace()
  client(w, "Loop")
  w:run()
  t.fail("look below")
end)

test("a handler that wants too much memory is stopped", function(t)
  local w = t.workspace()
  client(w, "Large")
  w:run()
  t.fail("look below")
end)

test("an address that cannot be fetched fails as ever", function(t)
  local w = t.workspace()
  client(w, "Elsewhere")
  w:run()
  t.fail("look below")
end)

test("a test without an end is stopped", function(t)
  t.workspace()
  while true do end
end)

test("a test that keeps everything is stopped", function(t)
  local w, all = t.workspace(), {}
  while true do all[#all + 1] = w.owner:get("/v1/clients") end
end)

test("time that is moved too far at once", function(t)
  t.workspace():advance("366d")
end)

test("time does not go back", function(t)
  t.workspace():advance("2025-01-01T00:00:00Z")
end)

test("no span", function(t)
  t.workspace():advance("soon")
end)

test("no time", function(t)
  t.workspace { now = "yesterday" }
end)

test("no such option", function(t)
  t.workspace { seting = {} }
end)

test("no such setting", function(t)
  t.workspace { settings = { x = 1 } }
end)

test("a client that cannot be", function(t)
  t.workspace():client { givenName = "Ann" }
end)

test("two clocks", function(t)
  t.workspace()
  t.workspace { now = "2027-01-01T00:00:00Z" }
end)

test("the wrong word", function(t)
  return t.workspace().mail
end)

test("the wrong method", function(t)
  t.workspace():runs()
end)

test("a dot for a colon", function(t)
  t.workspace().run()
end)

test("what was wanted is shown", function(t)
  local w = t.workspace()
  t.refused(w.owner:get("/v1/clients"), 403, "denied")
end)

test("a stub without an answer", function(t)
  t.workspace():stub("GET", "https://x", 7)
end)

test("an answer that is none", function(t)
  local w = t.workspace()
  w:stub("*", "*", { state = 200 })
  client(w, "Asks")
  w:run()
end)

test("a stub that fails", function(t)
  local w = t.workspace()
  w:stub("*", "*", function() error("not this one") end)
  client(w, "Asks")
  w:run()
end)

test("a stub that asks", function(t)
  local w = t.workspace()
  w:stub("*", "*", function() return w.owner:get("/v1/clients") end)
  client(w, "Asks")
  w:run()
end)

test("an error that is caught", function(t)
  local w = t.workspace()
  client(w, "Asks")
  t.equal(pcall(w.run, w), false)
end)

test("an error that is caught, and the test goes on", function(t)
  local w = t.workspace()
  client(w, "Asks")
  t.equal(pcall(w.run, w), false)
  w.owner:get("/v1/clients")
end)

local kept

test("a workspace that is kept", function(t)
  kept = t.workspace()
  t.equal(kept.mails, 1)
end)

test("is not there in another test", function()
  kept:run()
end)

test("who has no address does not sign in", function(t)
  local w = t.workspace { workspace = { isEmailRequired = false } }
  w:sign_in(w:client { givenName = "A", familyName = "B" })
end)
