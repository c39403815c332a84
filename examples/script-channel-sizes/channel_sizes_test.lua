local test = require("test")

local staff = { kind = "internalUser", id = test.id("ann"), permissions = { "view_clients", "edit_clients" } }

local function group(size, company)
  local ids = {}
  for i = 1, size do ids[i] = test.id("client " .. i) end
  return { membershipType = "group", companyId = test.id(company or "rockets"), memberIds = ids }
end

local function code_of(t, input)
  return t.filter("message_channel.create", { actor = staff, input = input }).code
end

test("a group of twelve is made, and one more is too many", function(t)
  t.equal(code_of(t, group(12)), nil)
  t.equal(code_of(t, group(13)), "group_too_large")
end)

test("a company gets twenty groups a day, another one has its own", function(t)
  for _ = 1, 20 do t.equal(code_of(t, group(2)), nil) end
  t.equal(code_of(t, group(2)), "too_many_groups")
  t.equal(code_of(t, group(2, "boats")), nil)
end)

test("what is refused is not counted", function(t)
  for _ = 1, 30 do t.equal(code_of(t, group(13)), "group_too_large") end
  t.equal(code_of(t, group(2)), nil)
end)

test("channels of whole companies are of any size", function(t)
  local input = group(100)
  input.membershipType = "company"
  t.equal(code_of(t, input), nil)
end)

test("a company that has had its groups gets more on the next day", function(t)
  local w = t.workspace { settings = { groups = 1 } }
  local company = w:company { name = "Rockets" }
  local ids = {}
  for i = 1, 3 do
    ids[i] = w:client { givenName = "C" .. i, familyName = "C", email = "c" .. i .. "@example.com",
      companyIds = { company.id } }.id
  end
  local function make(one, other)
    return w.owner:post("/v1/message-channels",
      { membershipType = "group", companyId = company.id, memberIds = { ids[one], ids[other] } })
  end

  t.equal(make(1, 2).status, 200)
  t.refused(make(2, 3), 422, "too_many_groups", "companyId")
  t.equal(w:kv(), { ["groups/" .. company.id .. "/2026-01-05"] = 1 })
  w:advance("1d")
  t.equal(make(2, 3).status, 200)
end)
