local test = require("test")
local foyer = require("foyer")

local function entry(number, seal)
  return { number = number, object = "auditEntry", seal = seal ~= false and "s" .. number or nil }
end

local configured = { endpoint = "https://archive.example.com/in", key = "a key of 16 bytes" }

local function export(t, entries, cursor, answer)
  return t.handle("export", {
    settings = { ["audit-export"] = configured },
    answers = {
      read_cursor = { cursor = cursor or { number = 0 }, version = 3 },
      keep_cursor = 4,
      ["GET /v1/audit"] = { status = 200, body = { data = foyer.json.array(entries) } },
      ["POST https://archive.example.com/in"] = answer or { status = 202 },
    },
  })
end

local function sent(done)
  for _, call in ipairs(done.calls) do
    if call.fetch then return call end
  end
end

test("without an endpoint nothing is read", function(t)
  t.equal(#t.handle("export").calls, 0)
end)

test("new entries go in their order, signed, and then the cursor moves", function(t)
  local done = export(t, { entry(1), entry(2) })
  local call = sent(done)
  local stamp, signature = call.headers["X-Foyer-Signature"]:match("^t=(%d+),v1=(%x+)$")

  t.equal(done.error, nil)
  t.equal(call.body, '{"number":1,"object":"auditEntry","seal":"s1"}\n{"number":2,"object":"auditEntry","seal":"s2"}\n')
  t.equal(call.headers["Idempotency-Key"], "1-2-s2")
  t.equal(signature, foyer.crypto.hmac("a key of 16 bytes", stamp .. "." .. call.body))
  t.equal(call.headers["X-Foyer-After"], "0")
  t.equal(done.calls[4].run, "keep_cursor")
  t.equal(done.calls[4].args, { cursor = { number = 2, seal = "s2" }, version = 3, count = 2, gaps = 0 })
end)

test("what the archive does not take is tried again, and the cursor stays", function(t)
  local done = export(t, { entry(1) }, nil, { status = 503, body = "full" })

  t.equal(done.error:find("the archive says 503: full", 1, true) ~= nil, true)
  t.equal(done.calls[#done.calls].fetch, "https://archive.example.com/in")
end)

test("what was taken is not sent again, and what is not sealed yet waits", function(t)
  t.equal(sent(export(t, { entry(1), entry(2), entry(3, false) }, { number = 2, seal = "s2" })), nil)
end)

test("a number that is missing is told in the stream", function(t)
  local call = sent(export(t, { entry(2), entry(5) }, { number = 2, seal = "s2" }))

  t.equal(call.headers["X-Foyer-After"], "2 s2")
  t.equal(call.body:match("^[^\n]+"), '{"from":3,"object":"auditGap","to":4}')
end)
