-- Who may do what, and who sees which rows.
--
-- This is all of it: nothing is hidden in the program. To change something, copy this file into the
-- folder `scripts` of your data folder, and change a line there: it is in force within two seconds.
-- README.md says how to check and test it first.
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

-- Whether somebody of the staff who is limited to some companies looks after this one.
local function looks_after(actor, id)
  for _, limit in ipairs(actor.limitedTo or { id }) do
    if limit == id then return true end
  end
  return false
end

-- Whether somebody of the staff who is limited to some companies names another one, or none.
local function is_beyond_limits(actor, client)
  local companies = companies_of(client)
  if not actor.limitedTo then return false end
  for _, id in ipairs(companies) do
    if not looks_after(actor, id) then return true end
  end
  return #companies == 0
end

-- The same for a client that is moved: the companies that others look after stay as they are, and one
-- that the actor looks after is among them.
local function is_moved_beyond_limits(actor, client, input)
  local wanted, was, is_within = {}, {}, false
  if not actor.limitedTo then return false end
  for _, id in ipairs(companies_of(client)) do was[id] = true end
  for _, id in ipairs(companies_of(input)) do
    wanted[id] = true
    if looks_after(actor, id) then is_within = true elseif not was[id] then return true end
  end
  for id in pairs(was) do
    if not looks_after(actor, id) and not wanted[id] then return true end
  end
  return not is_within
end

-- Clients -----------------------------------------------------------------------------------------

-- Staff sees all clients, or those of the companies that it is limited to. A client sees itself, and,
-- where it is admin of a company, everybody in it.
foyer.scope("client", function(actor)
  if actor:is("client") then
    return foyer.union { foyer.own(), foyer.companies(administered(actor)) }
  end
  if actor:can("view_clients") then
    return actor.limitedTo and foyer.companies(actor.limitedTo) or foyer.everything()
  end
end)

foyer.rule("client.list", function(ctx)
  if ctx.actor:can("view_clients") then return foyer.allow("view_clients") end
  if ctx.actor:is("client") then return foyer.allow("itself and its team") end
end)

foyer.rule("client.read", function(ctx)
  if ctx.actor:can("view_clients") then return foyer.allow("view_clients") end
  if ctx.actor:is("client") then return foyer.allow("itself and its team") end
end)

foyer.rule("client.create", function(ctx)
  if ctx.actor:can("create_clients") then
    if is_beyond_limits(ctx.actor, ctx.target) then
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
    if names_companies(ctx.input) and is_moved_beyond_limits(ctx.actor, ctx.target, ctx.input) then
      return foyer.deny("company_not_yours", "Name a company that you look after, and leave the others.")
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
  if names_companies(ctx.input) and is_moved_beyond_limits(ctx.actor, ctx.target, ctx.input) then
    return foyer.deny("company_not_yours", "Name a company that you look after, and leave the others.")
  end
  return foyer.allow("delete_clients")
end)

-- Invitations -------------------------------------------------------------------------------------

-- An invitation is seen by whoever sees the invited client.
foyer.scope("invite", function(actor)
  if actor:is("client") then return foyer.companies(administered(actor)) end
  if actor:can("view_clients") then
    return actor.limitedTo and foyer.companies(actor.limitedTo) or foyer.everything()
  end
end)

foyer.rule("invite.list", with("view_clients"))
foyer.rule("invite.read", with("view_clients"))

-- Asked for the call as a whole, and then for each client in it. It is asked again when the
-- invitation is accepted: who may no longer invite has invited nobody.
foyer.rule("invite.create", function(ctx)
  if ctx.actor:can("invite_clients") then return foyer.allow("invite_clients") end
  if ctx.actor:is("client") and ctx.workspace.clientsMayInvite then
    local may = ctx.entity ~= "client" or is_admin_of(ctx.actor, ctx.target)
    if may and #administered(ctx.actor) > 0 then return foyer.allow("admin of the company") end
  end
end)

foyer.rule("invite.resend", with("invite_clients"))
foyer.rule("invite.cancel", with("invite_clients"))

-- Whoever has the link can set the password: this is asked for the address /link and for inviteUrl.
foyer.rule("invite.link", with("invite_clients"))

-- Companies ---------------------------------------------------------------------------------------

foyer.scope("company", function(actor)
  if actor:is("client") then return foyer.companies(actor.companyIds) end
  if actor:can("view_clients") then
    return actor.limitedTo and foyer.companies(actor.limitedTo) or foyer.everything()
  end
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

-- Who is in a company, and as what. Only what the scopes of clients and companies show can be named.
-- A client sees its own places, and, where it is admin of a company, those of its team; it changes none.
local function sees_clients(ctx)
  if ctx.actor:can("view_clients") then return foyer.allow("view_clients") end
  if ctx.actor:is("client") then return foyer.allow("itself and its team") end
end

foyer.rule("membership.list", sees_clients)
foyer.rule("membership.read", sees_clients)
foyer.rule("membership.update", with("edit_clients"))

-- Taken out of its company, a client may be one that limited staff does not see any more.
foyer.rule("membership.delete", function(ctx)
  if not ctx.actor:can("edit_clients") then return end
  if ctx.actor.limitedTo then
    return foyer.deny("company_not_yours", "Move it to another company that you look after, by companyIds.")
  end
  return foyer.allow("edit_clients")
end)

-- Channels of messages ----------------------------------------------------------------------------

-- A client sees the channels that it is in. Staff sees all, or those of the companies that it is limited
-- to and of their clients. What is made is of clients and companies that its maker sees.
foyer.scope("message_channel", function(actor)
  if actor:is("client") then return foyer.own() end
  if actor:can("view_clients") then
    return actor.limitedTo and foyer.companies(actor.limitedTo) or foyer.everything()
  end
end)

local function reads_channels(ctx)
  if ctx.actor:can("view_clients") then return foyer.allow("view_clients") end
  if ctx.actor:is("client") then return foyer.allow("is in it") end
end

foyer.rule("message_channel.list", reads_channels)
foyer.rule("message_channel.read", reads_channels)
foyer.rule("message_channel.create", with("edit_clients"))
foyer.rule("message_channel.update", with("edit_clients"))

-- What was written in a group goes with it.
foyer.rule("message_channel.delete", with("delete_clients"))

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
  if actor:can("view_audit") and not actor.limitedTo then return foyer.everything() end
end)

-- So do the decisions.
foyer.scope("decision", function(actor)
  if actor:can("view_audit") and not actor.limitedTo then return foyer.everything() end
end)

foyer.rule("audit.list", with("view_audit"))
foyer.rule("decision.list", with("view_audit"))

-- Who may ask why something is denied is also told so when it happens to him.
foyer.rule("policy.explain", with("view_audit"))

-- The stream holds what happens to all clients, so it is not for staff that is limited to some.
foyer.rule("event.list", function(ctx)
  if ctx.actor:can("view_clients") and not ctx.actor.limitedTo then return foyer.allow("view_clients") end
end)

-- The server: scripts are code, and in force for all of its workspaces ----------------------------

foyer.rule("script.list", operators)
foyer.rule("script.read", operators)
foyer.rule("script.update", operators)
foyer.rule("plugin.list", operators)
foyer.rule("plugin.reload", operators)
