local test = require("test")

local hook = "https://chat.example.com/hooks/x1"
local jane = { givenName = "Jane", familyName = "Doe", email = "jane@example.com" }

-- Jane accepts, by the link of the mail that invites her.
local function accepts(w, fields)
  local client = w:client(fields or jane)

  w.owner:post("/v1/invites", { clientIds = { client.id } })
  w:run()
  local token = w.mails[#w.mails].links[1]:match("[^/]+$")
  local done = w.nobody:post("/v1/invites/accept", { token = token, password = "correct horse battery" })
  w:run()
  return done
end

test("without the address of a chat nobody is told", function(t)
  local w = t.workspace()

  t.equal(accepts(w).status, 200)
  t.equal(w.fetches, {})
  t.equal(w.deliveries[1].status, "done")
end)

test("whoever accepts is told of in one line", function(t)
  local w = t.workspace { settings = { hook = hook } }

  w:stub("POST", hook, { status = 200, body = "ok" })
  accepts(w)
  t.equal(#w.fetches, 1)
  t.equal(w.fetches[1].json.text,
    "Jane Doe (jane@\u{200b}example.com) has accepted the invitation of Olive Owner.")
end)

test("a chat that wants content gets it, and nobody is called", function(t)
  local w = t.workspace { settings = { hook = hook, member = "content", line = "{name}!" } }

  w:stub("POST", hook, { status = 204 })
  accepts(w)
  t.equal(w.fetches[1].json, { content = "Jane Doe!", allowed_mentions = { parse = {} } })
end)

test("names cannot look like links, nor call the channel", function(t)
  local w = t.workspace { settings = { hook = hook, line = "{name}" } }

  w:stub("POST", hook, { status = 200 })
  accepts(w, { givenName = "<!channel>", familyName = "@here", email = "jane@example.com" })
  t.equal(w.fetches[1].json.text, "&lt;!channel&gt; @\u{200b}here")
end)

test("a chat that is down is told when it is back", function(t)
  local w = t.workspace { settings = { hook = hook } }

  w:stub("POST", hook, { { error = "refused" }, { status = 503, body = "restarting" }, { status = 200 } })
  accepts(w)
  t.equal(w.deliveries[1].error, "foyer.http.fetch: chat.example.com takes no connection")
  w:advance("2m")
  t.equal(w.deliveries[1].error, "the chat says 503: restarting")
  w:advance("10m")
  t.equal(w.deliveries[1].status, "done")
  t.equal(#w.fetches, 3)
end)

test("a client that was deleted meanwhile is not told of", function(t)
  local w = t.workspace { settings = { hook = hook } }
  local client = w:client(jane)

  w.owner:post("/v1/invites", { clientIds = { client.id } })
  w:run()
  w:disable()
  w.nobody:post("/v1/invites/accept",
    { token = w.mails[1].links[1]:match("[^/]+$"), password = "correct horse battery" })
  w:enable()
  w.owner:delete("/v1/clients/" .. client.id)
  w:run()
  t.equal(w.fetches, {})
end)
