-- Groups stay small, and a company has not too many of them. Beside channel_policy.lua: one reject is enough.

local foyer = require("foyer")

foyer.settings {
  members = { type = "integer", default = 12, min = 2, max = 500, help = "Most members of a group." },
  groups = { type = "integer", default = 20, min = 1, max = 1000, help = "Most new groups of a company in a day." },
}

local DAY = 24 * 60 * 60

local function stay_small(ctx, channel)
  if channel.membershipType ~= "group" or #channel.memberIds <= ctx.settings.members then return end
  return foyer.reject("group_too_large", "A group has at most " .. ctx.settings.members .. " members here.",
    { field = "memberIds" })
end

-- The count is kept with the group that it counts: what is refused is not counted.
local function stay_few(ctx, channel)
  if channel.membershipType ~= "group" or not channel.companyId then return end

  local key = "groups/" .. channel.companyId .. "/" .. foyer.time.now():sub(1, 10)
  local made = foyer.kv.get(key) or 0
  if made >= ctx.settings.groups then
    return foyer.reject("too_many_groups", "This company got " .. made .. " groups today: use one of them.",
      { field = "companyId" })
  end
  foyer.kv.set(key, made + 1, { ttl = 2 * DAY })
end

foyer.filter("message_channel.create", { name = "size", describe = "groups stay small" }, stay_small)
foyer.filter("message_channel.update", { describe = "groups stay small" }, stay_small)
foyer.filter("message_channel.create", { after = "size", describe = "groups stay few" }, stay_few)
