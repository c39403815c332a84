-- Who may do what with staff, roles and keys.
--
-- As permissions.lua, which says the rest: a copy of this file in the folder `scripts` of your data folder takes
-- its place. Nobody gives what he does not hold himself; that an owner always stays is kept by the database.

local foyer = require("foyer")

-- Words that the rules below use ------------------------------------------------------------------

-- Staff or a key with this permission.
local function with(permission)
  return function(ctx)
    if ctx.actor:can(permission) then return foyer.allow(permission) end
  end
end

-- Whether a list has a value.
local function has(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

-- Staff for whom a part of the clients does not exist: limited to companies, or to what is assigned.
local function is_confined(actor)
  return actor.limitedTo ~= nil or actor:can("view_assigned_clients") and not actor:can("view_clients")
end

-- Whether the actor holds all of these permissions himself. Who sees all clients sees the assigned ones.
local function holds(actor, permissions)
  for _, name in ipairs(permissions) do
    local is_held = actor:can(name) or name == "view_assigned_clients" and actor:can("view_clients")
    if not is_held then return false end
  end
  return true
end

-- Whether somebody who is limited to these companies (nil: to none, he sees all) sees no more than the actor.
local function is_within_limits(actor, companies)
  if not actor.limitedTo then return true end
  for _, id in ipairs(companies or {}) do
    if not has(actor.limitedTo, id) then return false end
  end
  return companies ~= nil
end

-- Nobody gives what he does not hold himself, and nobody touches who holds more. `given` is a person, a role
-- or a key; answers a denial, or nothing where all is well.
local function refuse_more(actor, given, companies)
  if given.isOwner and not actor.isOwner then
    return foyer.deny("owners_only", "Only an owner makes, changes or removes owners, their roles and keys.")
  end
  if not holds(actor, given.permissions or {}) then
    return foyer.deny("holds_more", "This goes beyond what you may yourself: ask somebody who may all of it.")
  end
  if not is_within_limits(actor, companies) then
    return foyer.deny("company_not_yours",
      "This goes beyond the companies that you look after: limit it to these, or ask somebody who sees all.")
  end
end

-- The companies that a person or key is limited to; nil: it is not limited. `asked` is what a request
-- changes of it.
local function limits_of(person, asked)
  local is_limited, companies = person.isClientAccessLimited, person.companyAccessList
  if asked and asked.isClientAccessLimited ~= nil then is_limited = asked.isClientAccessLimited end
  if asked and asked.companyAccessList then companies = asked.companyAccessList end
  return is_limited and companies or nil
end

-- Staff -------------------------------------------------------------------------------------------

foyer.scope("internal_user", function(actor)
  if actor:can("view_staff") then return foyer.everything() end
  if actor:is("internalUser") then return foyer.own() end
end)

foyer.rule("internal_user.list", with("view_staff"))

foyer.rule("internal_user.read", function(ctx)
  if ctx.actor:can("view_staff") then return foyer.allow("view_staff") end
  if ctx.actor:is("internalUser") and ctx.target.id == ctx.actor.id then return foyer.allow("oneself") end
end)

foyer.rule("internal_user.create", function(ctx)
  if not ctx.actor:can("manage_staff") then return end
  return refuse_more(ctx.actor, ctx.target, limits_of(ctx.target)) or foyer.allow("manage_staff")
end)

-- Neither what somebody holds now nor what he gets may go beyond what the actor holds.
foyer.rule("internal_user.update", function(ctx)
  if not ctx.actor:can("manage_staff") then return end
  return refuse_more(ctx.actor, ctx.target, limits_of(ctx.target))
    or refuse_more(ctx.actor, ctx.input or {}, limits_of(ctx.target, ctx.input))
    or foyer.allow("manage_staff")
end)

foyer.rule("internal_user.delete", function(ctx)
  if not ctx.actor:can("manage_staff") then return end
  return refuse_more(ctx.actor, ctx.target, limits_of(ctx.target)) or foyer.allow("manage_staff")
end)

-- Inviting, mailing the invitation again, cancelling it, and having its link: whoever has the link could
-- be that person in a moment. It is asked again when the invitation is accepted.
foyer.rule("internal_user.invite", function(ctx)
  if not ctx.actor:can("manage_staff") then return end
  return refuse_more(ctx.actor, ctx.target, limits_of(ctx.target)) or foyer.allow("manage_staff")
end)

-- Roles and keys ----------------------------------------------------------------------------------

foyer.scope("role", function(actor)
  if actor:can("view_staff") then return foyer.everything() end
end)

foyer.rule("role.list", with("view_staff"))
foyer.rule("role.read", with("view_staff"))
foyer.rule("permission.list", function(ctx)
  if ctx.actor.kind ~= "nobody" then return foyer.allow("signed in") end
end)

-- A role is for the whole workspace, so it is not for staff for whom a part of it does not exist.
local function may_give(ctx, role)
  if is_confined(ctx.actor) then
    return foyer.deny("limited", "Roles are changed by somebody who is not limited to some clients.")
  end
  return refuse_more(ctx.actor, role)
end

foyer.rule("role.create", function(ctx)
  if not ctx.actor:can("manage_staff") then return end
  return may_give(ctx, ctx.target) or foyer.allow("manage_staff")
end)

-- The copy owns nothing, whatever its model does.
foyer.rule("role.duplicate", function(ctx)
  if not ctx.actor:can("manage_staff") then return end
  return may_give(ctx, { permissions = ctx.target.permissions }) or foyer.allow("manage_staff")
end)

foyer.rule("role.update", function(ctx)
  if not ctx.actor:can("manage_staff") then return end
  return may_give(ctx, ctx.target) or may_give(ctx, ctx.input or {}) or foyer.allow("manage_staff")
end)

foyer.rule("role.delete", function(ctx)
  if not ctx.actor:can("manage_staff") then return end
  return may_give(ctx, ctx.target) or foyer.allow("manage_staff")
end)

-- One's own keys one sees and revokes; the others need the permission.
foyer.scope("api_key", function(actor)
  if actor:can("manage_api_keys") then return foyer.everything() end
  return foyer.own()
end)

local function staff_and_keys(ctx)
  if ctx.actor:is("internalUser") or ctx.actor:is("apiKey") then return foyer.allow("staff") end
end

foyer.rule("api_key.list", staff_and_keys)
foyer.rule("api_key.read", staff_and_keys)

foyer.rule("api_key.create", function(ctx)
  if not ctx.actor:can("manage_api_keys") then return end
  return refuse_more(ctx.actor, ctx.target, limits_of(ctx.target)) or foyer.allow("manage_api_keys")
end)

foyer.rule("api_key.update", function(ctx)
  if not ctx.actor:can("manage_api_keys") then return end
  return refuse_more(ctx.actor, ctx.target, limits_of(ctx.target))
    or refuse_more(ctx.actor, ctx.input or {}, limits_of(ctx.target))
    or foyer.allow("manage_api_keys")
end)

foyer.rule("api_key.delete", function(ctx)
  local key = ctx.target
  if key.id == ctx.actor.id or key.internalUserId and key.internalUserId == ctx.actor.id then
    return foyer.allow("one's own")
  end
  if not ctx.actor:can("manage_api_keys") then return end
  return refuse_more(ctx.actor, key, limits_of(key)) or foyer.allow("manage_api_keys")
end)
