-- What channels may be like. Who may make and change them is permissions.lua.
--
-- A filter runs before a channel is made or a group gets other members, and may change what is asked for
-- or reject it. The channel that is made with a new client passes here, too: what is rejected then is not
-- made, and the client is made all the same. One that exists is answered without asking anybody.

local foyer = require("foyer")

foyer.settings {
  max_group = { type = "integer", default = 50, min = 2, max = 500, help = "Most members of a group." },
}

local function groups_stay_small(ctx, channel)
  if channel.membershipType == "group" and #channel.memberIds > ctx.settings.max_group then
    local message = "A group has at most " .. ctx.settings.max_group
      .. " members: make a company channel, or several groups."
    return foyer.reject("group_too_large", message, { field = "memberIds" })
  end
end

foyer.filter("message_channel.create", { describe = "groups stay small" }, groups_stay_small)
foyer.filter("message_channel.update", { describe = "groups stay small" }, groups_stay_small)
