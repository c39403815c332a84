local test = require("test")
local words = require("lib.words")

local jane = test.id("jane")
local created = { entity = "client", entityId = jane, createdAt = "2026-11-02T10:00:00Z" }

local function settings(more)
  local all = { enabled = true }
  for name, value in pairs(more or {}) do all[name] = value end
  return { ["welcome-series"] = all }
end

test("nobody gets a mail before it is switched on", function(t)
  t.equal(#t.handle("begin_signed_in", { event = created }).calls, 0)
  t.equal(#t.handle("remind").calls, 0)
end)

test("the first sign-in begins it, and its first mail goes at once", function(t)
  local done = t.handle("begin_signed_in", { event = created, settings = settings(), answers = { begin = true } })

  t.equal(done.error, nil)
  t.equal(done.calls[1], { run = "begin", args = { id = jane, started = 1793613600 } })
  t.equal(done.calls[2], { run = "send", args = { id = jane } })
  t.equal(#t.handle("begin_made", { event = created, settings = settings() }).calls, 0)
end)

test("a series that was there does not begin again", function(t)
  local done = t.handle("begin_signed_in", { event = created, settings = settings(), answers = { begin = false } })

  t.equal(#done.calls, 1)
end)

test("a series may begin when a client is made", function(t)
  local made = settings { start = "created" }

  t.equal(#t.handle("begin_made", { event = created, settings = made, answers = { begin = true } }).calls, 2)
  t.equal(#t.handle("begin_signed_in", { event = created, settings = made }).calls, 0)
end)

test("the job goes over all pages", function(t)
  local done = t.handle("remind", { settings = settings(), answers = { due = { ids = { jane } } } })

  t.equal(done.error, nil)
  t.equal(#done.calls, 2)
  t.equal(done.calls[2].args.id, jane)
end)

test("whoever is archived gets no more, also while it is switched off", function(t)
  t.equal(t.handle("end_series", { event = created }).calls, { { run = "stop", args = { id = jane } } })
end)

test("each language says the same things", function(t)
  for language, said in pairs(words) do
    for name, value in pairs(words.en) do
      t.equal({ language, name, type(said[name]) }, { language, name, type(value) })
      if type(value) == "table" then
        assert(#said[name].subject > 0 and #said[name].text > 0, language .. "." .. name)
      end
    end
  end
end)
