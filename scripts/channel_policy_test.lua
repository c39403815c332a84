-- Tests of channel_policy.lua. `foyer script test scripts/channel_policy_test.lua` runs them.

local test = require("test")

local staff = { kind = "internalUser", id = test.id("ann"), permissions = { "view_clients", "edit_clients" } }

local function members(count)
  local ids = {}
  for i = 1, count do ids[i] = test.id("client " .. i) end
  return ids
end

test("a group of fifty is made, and one more is too many", function(t)
  local input = { membershipType = "group", memberIds = members(50) }

  t.equal(t.filter("message_channel.create", { actor = staff, input = input }).code, nil)
  input.memberIds = members(51)

  local answer = t.filter("message_channel.create", { actor = staff, input = input })
  t.equal(answer.code, "group_too_large")
  t.equal(answer.field, "memberIds")
end)

test("a group does not grow beyond it", function(t)
  local group = { id = test.id("group"), membershipType = "group", memberIds = members(2) }
  local question = { actor = staff, target = group, input = { memberIds = members(51) } }

  t.equal(t.filter("message_channel.update", question).code, "group_too_large")
  question.input = { memberIds = members(50) }
  t.equal(t.filter("message_channel.update", question).code, nil)
end)

test("company channels are of any size", function(t)
  local input = { membershipType = "company", companyId = test.id("rockets"), memberIds = members(51) }

  t.equal(t.filter("message_channel.create", { actor = staff, input = input }).code, nil)
end)
