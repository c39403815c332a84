local test = require("test")
local signature = require("lib.signature")

local ID = "0190a000-0000-7000-8000-000000000001"
local SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

local function endpoint(t, more)
  local made = { id = t.id("hook"), url = "https://hooks.example.com/", failures = 0, contactId = t.id("ann") }
  for name, value in pairs(more or {}) do made[name] = value end
  return made
end

local function event(t, more)
  return { name = "client.created", deliveryId = ID, createdAt = "2026-01-01T00:00:00.000000Z",
           data = { id = t.id("jane"), givenName = "Jane" }, endpoint = endpoint(t, more) }
end

local function deliver(t, answer, more)
  local done = t.handle("deliver", {
    event = event(t, more),
    answers = {
      ["GET /v1/webhook-endpoints/" .. t.id("hook") .. "/secret"] = { status = 200, body = { secret = SECRET } },
      ["POST https://hooks.example.com/"] = answer,
      ["give_up"] = {},
    },
  })
  done.error = done.error and done.error:gsub("^[^ ]+ ", "") -- without file and line
  return done
end

-- The example of the specification.
test("a message is signed as Standard Webhooks has it", function(t)
  t.equal(signature.standard(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", '{"test": 2432232314}'),
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
end)

test("while a secret is replaced both sign", function(t)
  local headers = signature.headers({ secret = SECRET, previousSecret = "whsec_AAAA" }, ID, "1", "{}")
  t.equal(headers["webhook-signature"],
    signature.standard(SECRET, ID, "1", "{}") .. " " .. signature.standard("whsec_AAAA", ID, "1", "{}"))
  t.equal(headers["x-copilot-signature"], signature.copilot(SECRET, "{}"))
end)

test("what an endpoint takes is done", function(t)
  local done = deliver(t, { status = 204, body = "" })
  t.equal(done.error, nil)
  t.equal(#done.calls, 2)
end)

test("a redirect and a refusal are tried again", function(t)
  t.equal(deliver(t, { status = 500, body = "" }).error, "it answered 500")
  t.equal(deliver(t, { status = 302, body = "" }).error,
    "it answered 302: redirects are not followed, change the URL of the endpoint")
  t.equal(#deliver(t, { error = "no such host" }).calls, 2)
end)

test("410 pauses at once", function(t)
  local done = deliver(t, { status = 410, body = "" })
  t.equal(done.calls[3].run, "give_up")
  t.equal(done.error, "it answered 410")
end)

test("an endpoint is given up after days and ten tries, not before", function(t)
  local long_ago = "2020-01-01T00:00:00.000000Z"
  t.equal(#deliver(t, { status = 500, body = "" }, { failingSince = long_ago, failures = 8 }).calls, 2)
  t.equal(deliver(t, { status = 500, body = "" }, { failingSince = long_ago, failures = 9 }).calls[3].run, "give_up")
end)
