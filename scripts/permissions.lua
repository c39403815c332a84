-- Who may do what, and who sees which rows.
--
-- This and staff_permissions.lua (staff, roles, keys) are all of it: nothing is hidden in the program. To change
-- something, copy this file into the folder `scripts` of your data folder, and change a line there: it is in
-- force within two seconds. README.md says how to check and test it first.
--
-- A rule answers one question ("may this actor create a client?"). One foyer.deny() is enough to refuse;
-- without one, one foyer.allow() is enough to allow; what nobody allows is denied. An actor is staff
-- ("internalUser"), a client, an API key, or nobody: staff and keys have permissions by their
-- role, clients have a role in each of their companies.

local foyer = require("foyer")

-- Words that the rules below use ------------------------------------------------------------------

-- Staff or a key with this permission.
local function with(permission)
  return function(ctx)
    if ctx.actor:can(permission) then return foyer.allow(permission) end
  end
end

-- Everybody who is signed in, programs too.
local function anybody(ctx)
  if ctx.actor.kind ~= "nobody" then return foyer.allow("signed in") end
end

-- People who are signed in, no programs.
local function people(ctx)
  if ctx.actor:is("internalUser") or ctx.actor:is("client") then return foyer.allow("themselves") end
end

-- Who runs the server: the owner that `foyer init` made. No role of a workspace gives this.
local function operators(ctx)
  if ctx.actor.mayOperate then return foyer.allow("operator") end
end

-- The companies that a client, or what is asked for one, names.
local function companies_of(client)
  if client.companyIds and #client.companyIds > 0 then return client.companyIds end
  return { client.companyId }
end

-- Whether a change says something of companies. `companyId = null` does, too: ctx.input.companyId is nil
-- then, but it stands there.
local function names_companies(input)
  for name in pairs(input or {}) do
    if name == "companyIds" or name == "companyId" then return true end
  end
  return false
end

-- Whether the actor is admin of all companies of this client, and there is one.
local function is_admin_of(actor, client)
  local companies = companies_of(client)
  for _, id in ipairs(companies) do
    if not actor:has_company_role(id, "admin") then return false end
  end
  return #companies > 0
end

-- The companies of which a client is admin.
local function administered(actor)
  local found = {}
  for _, id in ipairs(actor.companyIds) do
    if actor:has_company_role(id, "admin") then found[#found + 1] = id end
  end
  return found
end

-- Whether a list has a value.
local function has(list, value)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

-- The member of staff who asks: himself, or the one on whose behalf a key does.
local function person_of(actor)
  return actor.ownerId or actor.id
end

-- Staff sees all clients or those that are assigned to it.
local function sees_clients(actor)
  return actor:can("view_clients") or actor:can("view_assigned_clients")
end

-- Staff for whom a part of the clients does not exist: limited to companies, or to what is assigned.
local function is_confined(actor)
  return actor.limitedTo ~= nil or actor:can("view_assigned_clients") and not actor:can("view_clients")
end

-- The rows of which clients, and invitations of clients, staff sees: all, those of the companies that it is
-- limited to, or those that are assigned to it, by its name or by its companies.
local function rows_of_staff(actor)
  if actor:can("view_clients") then
    return actor.limitedTo and foyer.companies(actor.limitedTo) or foyer.everything()
  end
  if actor:can("view_assigned_clients") then
    return foyer.union { foyer.account_manager(person_of(actor)), foyer.companies(actor.limitedTo or {}) }
  end
end

-- Whether staff for whom not all clients exist names a company that is not its own, or none. `kept`: those
-- that may stay where they are.
local function is_beyond_limits(actor, client, kept)
  if not is_confined(actor) then return false end
  local companies = companies_of(client)
  for _, id in ipairs(companies) do
    if not has(actor.limitedTo or kept or {}, id) then return true end
  end
  return #companies == 0
end

-- Clients -----------------------------------------------------------------------------------------

-- Staff sees all clients, or those that it is limited to. A client sees itself, and, where it is admin
-- of a company, everybody in it.
foyer.scope("client", function(actor)
  if actor:is("client") then
    return foyer.union { foyer.own(), foyer.companies(administered(actor)) }
  end
  return rows_of_staff(actor)
end)

foyer.rule("client.list", function(ctx)
  if sees_clients(ctx.actor) then return foyer.allow("view_clients") end
  if ctx.actor:is("client") then return foyer.allow("itself and its team") end
end)

foyer.rule("client.read", function(ctx)
  if sees_clients(ctx.actor) then return foyer.allow("view_clients") end
  if ctx.actor:is("client") then return foyer.allow("itself and its team") end
end)

foyer.rule("client.create", function(ctx)
  if ctx.actor:can("create_clients") then
    local is_own = not ctx.actor.limitedTo and ctx.target.accountManagerId == person_of(ctx.actor)
    if is_beyond_limits(ctx.actor, ctx.target) and not (is_own and #companies_of(ctx.target) == 0) then
      return foyer.deny("company_not_yours", "Name a company that you look after.")
    end
    return foyer.allow("create_clients")
  end
  if ctx.actor:is("client") and ctx.workspace.clientsMayInvite and is_admin_of(ctx.actor, ctx.target) then
    return foyer.allow("admin of the company")
  end
end)

-- A client changes of itself what is personal; the rest belongs to the firm.
local personal = { givenName = true, familyName = true, phone = true, position = true }

foyer.rule("client.update", function(ctx)
  if ctx.actor:can("edit_clients") then
    if names_companies(ctx.input) and is_beyond_limits(ctx.actor, ctx.input, ctx.target.companyIds) then
      return foyer.deny("company_not_yours", "Name a company that you look after.")
    end
    return foyer.allow("edit_clients")
  end
  if ctx.actor:is("client") and ctx.target.id == ctx.actor.id then
    for name in pairs(ctx.input or {}) do
      if not personal[name] then return end
    end
    return foyer.allow("itself")
  end
end)

foyer.rule("client.delete", with("delete_clients"))

-- Whoever may archive may take it back.
foyer.rule("client.restore", function(ctx)
  if not ctx.actor:can("delete_clients") then return end
  if names_companies(ctx.input) and is_beyond_limits(ctx.actor, ctx.input, ctx.target.companyIds) then
    return foyer.deny("company_not_yours", "Name a company that you look after.")
  end
  return foyer.allow("delete_clients")
end)

-- Invitations -------------------------------------------------------------------------------------

-- An invitation of a client is seen by whoever sees the client; one of staff by whoever sees the staff
-- (the scope "internal_user" below).
foyer.scope("invite", function(actor)
  if actor:is("client") then return foyer.companies(administered(actor)) end
  return rows_of_staff(actor)
end)

foyer.rule("invite.list", function(ctx)
  if sees_clients(ctx.actor) then return foyer.allow("view_clients") end
  if ctx.actor:can("view_staff") then return foyer.allow("view_staff") end
end)

foyer.rule("invite.read", function(ctx)
  if ctx.target.internalUserId then
    if ctx.actor:can("view_staff") then return foyer.allow("view_staff") end
  elseif sees_clients(ctx.actor) then
    return foyer.allow("view_clients")
  end
end)

-- Asked for the call as a whole, and then for each client in it. It is asked again when the
-- invitation is accepted: who may no longer invite has invited nobody.
foyer.rule("invite.create", function(ctx)
  if ctx.actor:can("invite_clients") then return foyer.allow("invite_clients") end
  if ctx.entity ~= "client" and ctx.input and ctx.input.internalUserIds and ctx.actor:can("manage_staff") then
    return foyer.allow("manage_staff")
  end
  if ctx.actor:is("client") and ctx.workspace.clientsMayInvite then
    local may = ctx.entity ~= "client" or is_admin_of(ctx.actor, ctx.target)
    if may and #administered(ctx.actor) > 0 then return foyer.allow("admin of the company") end
  end
end)

-- Of an invitation of staff, internal_user.invite is asked as well.
local function invites(ctx)
  local permission = ctx.entity == "invite" and ctx.target.internalUserId and "manage_staff" or "invite_clients"
  if ctx.actor:can(permission) then return foyer.allow(permission) end
end

foyer.rule("invite.resend", invites)
foyer.rule("invite.cancel", invites)

-- Whoever has the link can set the password: this is asked for the address /link and for inviteUrl.
foyer.rule("invite.link", invites)

-- Companies ---------------------------------------------------------------------------------------

foyer.scope("company", function(actor)
  if actor:is("client") then return foyer.companies(actor.companyIds) end
  return rows_of_staff(actor)
end)

foyer.rule("company.list", anybody)
foyer.rule("company.read", anybody)

-- Staff that is limited to some companies makes no others and deletes none: what comes of it would lie
-- outside of its limits. It changes those that it sees.
local function manages_all(ctx)
  if not ctx.actor:can("manage_client_organizations") then return end
  if ctx.actor.limitedTo then
    return foyer.deny("company_not_yours", "You look after some companies only: ask somebody who sees all.")
  end
  return foyer.allow("manage_client_organizations")
end

foyer.rule("company.create", manages_all)
foyer.rule("company.delete", manages_all)

-- What a company's own admins change of it; its name, tags and custom fields belong to the firm.
local public = { iconImageUrl = true, description = true, website = true, address = true }

foyer.rule("company.update", function(ctx)
  if ctx.actor:can("manage_client_organizations") then return foyer.allow("manage_client_organizations") end
  if ctx.actor:is("client") and ctx.actor:has_company_role(ctx.target.id, "admin") then
    for name in pairs(ctx.input or {}) do
      if not public[name] then return end
    end
    return foyer.allow("admin of the company")
  end
end)

-- Asked for the call as a whole; then client.delete and client.update are asked for each client, also when
-- there are many and an operation goes on with them: by the rights that the actor has by then.
foyer.rule("company.delete_clients", with("delete_clients"))
foyer.rule("company.move_clients", with("edit_clients"))

-- Who is in a company, and as what. Only what the scopes of clients and companies show can be named, and
-- nobody takes a client out of a company who would not see it any more: the program looks.
-- A client sees its own places, and, where it is admin of a company, those of its team; it changes none.
local function sees_places(ctx)
  if sees_clients(ctx.actor) then return foyer.allow("view_clients") end
  if ctx.actor:is("client") then return foyer.allow("itself and its team") end
end

foyer.rule("membership.list", sees_places)
foyer.rule("membership.read", sees_places)
foyer.rule("membership.update", with("edit_clients"))
foyer.rule("membership.delete", with("edit_clients"))

-- Channels of messages ----------------------------------------------------------------------------

-- A client sees the channels that it is in. Staff sees all, those of the companies that it is limited to and
-- of their clients, or those that a client who is assigned to it is in. What is made or changed is of
-- clients and companies that whoever does it sees, all of them: the program looks.
foyer.scope("message_channel", function(actor)
  if actor:is("client") then return foyer.own() end
  return rows_of_staff(actor)
end)

local function reads_channels(ctx)
  if sees_clients(ctx.actor) then return foyer.allow("view_clients") end
  if ctx.actor:is("client") then return foyer.allow("is in it") end
end

foyer.rule("message_channel.list", reads_channels)
foyer.rule("message_channel.read", reads_channels)
foyer.rule("message_channel.create", with("edit_clients"))
foyer.rule("message_channel.update", with("edit_clients"))

-- What was written in a group goes with it.
foyer.rule("message_channel.delete", with("delete_clients"))

-- Operations: work on many things, that goes on after its request ---------------------------------

-- Whoever began one sees it, by his keys, too; who reads the audit sees all: they tell of all clients.
foyer.scope("operation", function(actor)
  if actor:can("view_audit") and not is_confined(actor) then return foyer.everything() end
  if actor.kind ~= "nobody" then return foyer.own() end
end)

foyer.rule("operation.list", anybody)
foyer.rule("operation.read", anybody)

foyer.rule("operation.cancel", function(ctx)
  local actor, operation = ctx.actor, ctx.target
  local is_his = operation.actorId == actor.id or operation.onBehalfOfId == actor.id
  if actor.id and is_his then return foyer.allow("began it") end
  if actor:can("edit_settings") then return foyer.allow("edit_settings") end
end)

-- The workspace -----------------------------------------------------------------------------------

foyer.rule("workspace.read", anybody)
foyer.rule("workspace.update", with("edit_settings"))

foyer.rule("custom_field.list", anybody)
foyer.rule("custom_field.read", anybody)
foyer.rule("custom_field.create", with("edit_settings"))
foyer.rule("custom_field.update", with("edit_settings"))
foyer.rule("custom_field.delete", with("edit_settings"))

-- Oneself -----------------------------------------------------------------------------------------

foyer.rule("me.read", anybody)
foyer.rule("me.update", people)
foyer.rule("session.list", people)
foyer.rule("session.delete", people)

-- What happened, and why --------------------------------------------------------------------------

-- The audit tells of all clients, so it is not for staff that is limited to some.
foyer.scope("audit", function(actor)
  if actor:can("view_audit") and not is_confined(actor) then return foyer.everything() end
end)

-- So do the decisions.
foyer.scope("decision", function(actor)
  if actor:can("view_audit") and not is_confined(actor) then return foyer.everything() end
end)

-- And what became of events at the handlers of scripts.
foyer.scope("delivery", function(actor)
  if actor:can("view_audit") and not is_confined(actor) then return foyer.everything() end
end)

foyer.rule("delivery.list", with("view_audit"))
foyer.rule("delivery.read", with("view_audit"))
foyer.rule("delivery.replay", with("edit_settings"))
foyer.rule("job.list", with("view_audit"))

foyer.rule("audit.list", with("view_audit"))
foyer.rule("decision.list", with("view_audit"))

-- Who may ask why something is denied is also told so when it happens to him. An explanation shows what
-- the rules read of anybody, so it is not for staff that is limited to some, either.
foyer.rule("policy.explain", function(ctx)
  if ctx.actor:can("view_audit") and not is_confined(ctx.actor) then return foyer.allow("view_audit") end
end)

-- The stream holds what happens to all clients, so it is not for staff that is limited to some.
foyer.rule("event.list", function(ctx)
  if ctx.actor:can("view_clients") and not ctx.actor.limitedTo then return foyer.allow("view_clients") end
end)

-- Which plugins are asked in the workspace, and their settings. They hold for all clients, so whoever is
-- limited to some changes none.
local function see_plugins(ctx)
  if ctx.actor:can("view_settings") or ctx.actor:can("manage_plugins") then return foyer.allow("view_settings") end
  return operators(ctx)
end
foyer.rule("plugin.list", see_plugins)
foyer.rule("plugin.read", see_plugins)
foyer.rule("plugin.update", function(ctx)
  if ctx.actor:can("manage_plugins") and not is_confined(ctx.actor) then return foyer.allow("manage_plugins") end
end)

-- Endpoints of webhooks are told what happens to everybody, so whoever is limited to some meets none.
local function of_webhooks(ctx)
  if ctx.actor:can("manage_webhooks") and not is_confined(ctx.actor) then return foyer.allow("manage_webhooks") end
end
for _, verb in ipairs { "list", "read", "create", "update", "delete", "secret", "test", "replay" } do
  foyer.rule("webhook_endpoint." .. verb, of_webhooks)
end
foyer.rule("event.create", of_webhooks)
foyer.scope("webhook_endpoint", function(actor)
  if actor:can("manage_webhooks") and not is_confined(actor) then return foyer.everything() end
end)

-- What plugins show: to staff and its programs, and to clients. Plugins that mean others ask actions of their own.
foyer.rule("dashboard.open", function(ctx)
  if ctx.actor:is("internalUser") or ctx.actor:is("apiKey") then return foyer.allow("staff") end
end)
foyer.rule("portal.open", function(ctx)
  if ctx.actor:is("client") then return foyer.allow("client") end
end)

-- The server: scripts are code, and in force for all of its workspaces ----------------------------

foyer.rule("script.list", operators)
foyer.rule("script.read", operators)
foyer.rule("script.update", operators)
foyer.rule("plugin.reload", operators)
foyer.rule("plugin.rollback", operators)
