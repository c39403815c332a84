-- Tests of permissions.lua: who may do what. `foyer script test scripts/permissions_test.lua` runs them.

local test = require("test")
local null = require("foyer").json.null

local rockets, bikes = test.id("rockets"), test.id("bikes")

local nobody = { kind = "nobody" }
local staff = {
  kind = "internalUser", id = test.id("ann"),
  permissions = { "view_clients", "create_clients", "edit_clients", "invite_clients", "view_staff" },
}
local limited = {
  kind = "internalUser", id = test.id("bob"), limitedTo = { rockets },
  permissions = { "view_clients", "create_clients", "edit_clients", "view_audit" },
}
local key = { kind = "apiKey", id = test.id("key"), permissions = { "view_clients" } }
local jane = { kind = "client", id = test.id("jane"), companies = { [rockets] = "member" } }
local admin = { kind = "client", id = test.id("kim"), companies = { [rockets] = "admin", [bikes] = "member" } }

local jane_row = { id = test.id("jane"), givenName = "Jane", companyIds = { rockets } }

-- Clients -----------------------------------------------------------------------------------------

test("nobody sees and does nothing", function(t)
  t.equal(t.scope("client", { actor = nobody }), "nothing")
  for _, action in ipairs { "client.list", "me.read", "workspace.read", "script.list", "invite.create" } do
    t.denies(action, { actor = nobody })
  end
end)

test("staff sees all clients, limited staff those of its companies", function(t)
  t.equal(t.scope("client", { actor = staff }), "everything")
  t.equal(t.scope("client", { actor = key }), "everything")
  t.equal(t.scope("client", { actor = limited }), "companies(" .. rockets .. ")")
  t.equal(t.scope("client", { actor = { kind = "internalUser" } }), "nothing")
end)

test("a client sees itself, and its team where it is admin", function(t)
  t.equal(t.scope("client", { actor = jane }), "own, companies()")
  t.equal(t.scope("client", { actor = admin }), "own, companies(" .. rockets .. ")")
  t.allows("client.read", { actor = jane, target = jane_row })
end)

test("creating needs the permission", function(t)
  t.allows("client.create", { actor = staff, input = { givenName = "Lea" } })
  t.denies("client.create", { actor = key, input = { givenName = "Lea" } })
end)

test("limited staff creates in its own companies", function(t)
  t.allows("client.create", { actor = limited, input = { companyIds = { rockets } } })
  t.allows("client.create", { actor = limited, input = { companyId = rockets } })
  t.equal(t.denies("client.create", { actor = limited, input = { companyIds = { rockets, bikes } } }),
          "company_not_yours")
  t.equal(t.denies("client.create", { actor = limited, input = { givenName = "Lea" } }), "company_not_yours")
end)

test("limited staff moves nobody out of its companies", function(t)
  t.allows("client.update", { actor = limited, target = jane_row, input = { phone = "1" } })
  t.denies("client.update", { actor = limited, target = jane_row, input = { companyIds = { bikes } } })
  t.denies("client.update", { actor = limited, target = jane_row, input = { companyIds = {} } })
  t.denies("client.update", { actor = limited, target = jane_row, input = { companyId = null } })
end)

test("limited staff moves a client among its own companies, and names no others", function(t)
  local both = { id = test.id("kim"), companyIds = { rockets, bikes } }
  local function moves(to) return { actor = limited, target = both, input = { companyIds = to } } end

  t.allows("client.update", moves { rockets }) -- bikes, which it does not see, stays
  t.equal(t.denies("client.update", moves { rockets, bikes }), "company_not_yours")
  t.denies("client.update", moves { bikes })
  t.denies("client.update", moves {})
  t.denies("client.update", moves { rockets, bikes, test.id("cars") })
  t.allows("client.update", { actor = limited, target = both, input = { companyId = rockets } })
  t.allows("client.update", { actor = limited, target = jane_row, input = { companyId = rockets } })
  t.allows("client.update", { actor = staff, target = both, input = { companyIds = { rockets } } })
end)

test("whoever may archive may restore, limited staff within its companies", function(t)
  local archivist = { kind = "internalUser", permissions = { "view_clients", "delete_clients" } }
  local near = { kind = "internalUser", limitedTo = { rockets }, permissions = { "delete_clients" } }

  t.allows("client.restore", { actor = archivist, target = jane_row })
  t.allows("client.restore", { actor = near, target = jane_row, input = { email = "j@example.com" } })
  t.allows("client.restore", { actor = near, target = jane_row, input = { companyId = rockets } })
  t.denies("client.restore", { actor = near, target = jane_row, input = { companyId = bikes } })
  t.denies("client.restore", { actor = staff, target = jane_row })
  t.denies("client.restore", { actor = admin, target = jane_row })
end)

test("an admin of a company invites colleagues where the workspace allows it", function(t)
  local open = { clientsMayInvite = true }
  local lea = { givenName = "Lea", companyIds = { rockets } }

  t.allows("client.create", { actor = admin, input = lea, workspace = open })
  t.denies("client.create", { actor = admin, input = lea })
  t.denies("client.create", { actor = jane, input = lea, workspace = open })
  t.denies("client.create", { actor = admin, input = { companyIds = { rockets, bikes } }, workspace = open })
  t.denies("client.create", { actor = admin, input = { givenName = "Lea" }, workspace = open })

  t.allows("invite.create", { actor = admin, entity = "client", target = lea, workspace = open })
  t.allows("invite.create", { actor = admin, input = { clientIds = { test.id("lea") } }, workspace = open })
  t.denies("invite.create", { actor = jane, entity = "client", target = lea, workspace = open })
  t.denies("invite.create", { actor = admin, entity = "client", target = lea })
end)

test("a client changes what is personal of itself, and nothing else", function(t)
  t.allows("client.update", { actor = jane, target = jane_row, input = { phone = "1", givenName = "J" } })
  t.denies("client.update", { actor = jane, target = jane_row, input = { email = "new@example.com" } })
  t.denies("client.update", { actor = jane, target = jane_row, input = { phone = "1", tags = { "vip" } } })
  t.denies("client.update", { actor = admin, target = jane_row, input = { phone = "1" } })
  t.denies("client.delete", { actor = jane, target = jane_row })
end)

-- Companies ---------------------------------------------------------------------------------------

local keeper = {
  kind = "internalUser", id = test.id("eve"), permissions = { "view_clients", "manage_client_organizations" },
}
local rockets_row = { id = rockets, name = "Rocket Rides" }

test("staff sees all companies, limited staff its own, a client those that it is in", function(t)
  t.equal(t.scope("company", { actor = staff }), "everything")
  t.equal(t.scope("company", { actor = limited }), "companies(" .. rockets .. ")")
  t.equal(t.scope("company", { actor = jane }), "companies(" .. rockets .. ")")
  t.equal(t.scope("company", { actor = nobody }), "nothing")
  for _, action in ipairs { "company.list", "company.read" } do
    t.allows(action, { actor = jane })
    t.denies(action, { actor = nobody })
  end
end)

test("companies are managed with the permission", function(t)
  for _, action in ipairs { "company.create", "company.update", "company.delete" } do
    t.allows(action, { actor = keeper, entity = "company", target = rockets_row, input = { name = "R" } })
    for _, actor in ipairs { staff, key, jane, admin, nobody } do
      t.denies(action, { actor = actor, entity = "company", target = rockets_row, input = { name = "R" } })
    end
  end
end)

test("limited staff changes its companies, and makes and deletes none", function(t)
  local some = { kind = "internalUser", limitedTo = { rockets }, permissions = keeper.permissions }

  t.allows("company.update", { actor = some, entity = "company", target = rockets_row, input = { name = "R" } })
  t.equal(t.denies("company.create", { actor = some, input = { name = "R" } }), "company_not_yours")
  t.equal(t.denies("company.delete", { actor = some, entity = "company", target = rockets_row }), "company_not_yours")
end)

test("an admin of a company changes what it says of itself", function(t)
  local function changes(actor, input)
    return { actor = actor, entity = "company", target = rockets_row, input = input }
  end

  t.allows("company.update", changes(admin, { website = "https://r.example", address = "1 Pad", description = "R",
                                              iconImageUrl = "https://r.example/r.png" }))
  t.denies("company.update", changes(admin, { website = "https://r.example", name = "R" }))
  t.denies("company.update", changes(admin, { tags = { "vip" } }))
  t.denies("company.update", changes(jane, { website = "https://r.example" }))
  t.denies("company.delete", changes(admin))
end)

test("places in companies are changed by staff who edits clients", function(t)
  local place = { clientId = test.id("jane"), companyId = rockets, role = "member" }
  local function about(actor, input)
    return { actor = actor, entity = "membership", target = place, input = input }
  end

  for _, action in ipairs { "membership.update", "membership.delete" } do
    t.allows(action, about(staff, { role = "admin" }))
    for _, actor in ipairs { key, jane, admin, nobody } do
      t.denies(action, about(actor, { role = "admin" }))
    end
  end
  t.allows("membership.update", about(limited, { role = "admin" }))
  t.allows("membership.delete", about(limited))
  for _, action in ipairs { "membership.list", "membership.read" } do
    for _, actor in ipairs { staff, limited, key, jane, admin } do t.allows(action, about(actor)) end
    t.denies(action, about(nobody))
  end
end)

-- Channels ----------------------------------------------------------------------------------------

test("a client sees the channels that it is in, staff those of its clients", function(t)
  t.equal(t.scope("message_channel", { actor = jane }), "own")
  t.equal(t.scope("message_channel", { actor = admin }), "own")
  t.equal(t.scope("message_channel", { actor = staff }), "everything")
  t.equal(t.scope("message_channel", { actor = limited }), "companies(" .. rockets .. ")")
  t.equal(t.scope("message_channel", { actor = nobody }), "nothing")
  t.equal(t.scope("message_channel", { actor = { kind = "internalUser" } }), "nothing")
  for _, action in ipairs { "message_channel.list", "message_channel.read" } do
    t.allows(action, { actor = jane })
    t.allows(action, { actor = key })
    t.denies(action, { actor = nobody })
  end
end)

test("channels are made by whoever may edit clients, and groups deleted by whoever may delete them", function(t)
  local group = { id = test.id("group"), membershipType = "group", memberIds = { test.id("jane"), test.id("kim") } }
  local deleter = { kind = "apiKey", permissions = { "delete_clients" } }

  t.allows("message_channel.create", { actor = staff, input = { membershipType = "individual" } })
  t.allows("message_channel.update", { actor = staff, target = group, input = { memberIds = {} } })
  t.denies("message_channel.delete", { actor = staff, target = group })
  t.allows("message_channel.delete", { actor = deleter, target = group })
  for _, actor in ipairs { jane, admin, key, nobody } do
    t.denies("message_channel.create", { actor = actor, input = { membershipType = "individual" } })
    t.denies("message_channel.update", { actor = actor, target = group, input = { memberIds = {} } })
    t.denies("message_channel.delete", { actor = actor, target = group })
  end
end)

-- Invitations, staff, workspace -------------------------------------------------------------------

test("links are for those who may invite", function(t)
  t.allows("invite.link", { actor = staff, entity = "client", target = jane_row })
  t.denies("invite.link", { actor = jane, entity = "client", target = jane_row })
  t.denies("invite.link", { actor = key, entity = "client", target = jane_row })
end)

test("a member of the staff sees itself", function(t)
  local self = { kind = "internalUser", id = test.id("cid") }

  t.equal(t.scope("internal_user", { actor = self }), "own")
  t.allows("internal_user.read", { actor = self, target = { id = test.id("cid") } })
  t.denies("internal_user.read", { actor = self, target = { id = test.id("ann") } })
  t.equal(t.scope("internal_user", { actor = jane }), "nothing")
end)

test("an invitation of staff is for whoever manages staff", function(t)
  local manager = { kind = "internalUser", permissions = { "manage_staff", "view_staff" } }
  local to_staff, to_client = { internalUserId = test.id("dan") }, { clientId = test.id("jane") }

  for _, action in ipairs { "invite.resend", "invite.cancel", "invite.link" } do
    t.allows(action, { actor = manager, target = to_staff })
    t.denies(action, { actor = manager, target = to_client })
    t.denies(action, { actor = staff, target = to_staff })
    t.allows(action, { actor = staff, target = to_client })
  end
  t.allows("invite.read", { actor = staff, target = to_staff })
  t.denies("invite.read", { actor = key, target = to_staff })
  t.allows("invite.create", { actor = manager, input = { internalUserIds = { test.id("dan") } } })
  t.denies("invite.create", { actor = manager, input = { clientIds = { test.id("jane") } } })
  t.denies("invite.create", { actor = manager, entity = "client", target = jane_row })
end)

-- Staff, roles, keys ------------------------------------------------------------------------------

local owner = { kind = "internalUser", id = test.id("olga"), isOwner = true,
                permissions = { "view_clients", "edit_clients", "view_staff", "manage_staff", "manage_api_keys" } }
local lead = { kind = "internalUser", id = test.id("lea"),
               permissions = { "view_clients", "view_staff", "manage_staff", "manage_api_keys" } }
local limited_lead = { kind = "internalUser", id = test.id("lim"), limitedTo = { rockets },
                       permissions = { "view_clients", "view_staff", "manage_staff", "manage_api_keys" } }

local function person(changes)
  local row = { id = test.id("dan"), givenName = "Dan", permissions = { "view_clients" } }
  for name, value in pairs(changes or {}) do row[name] = value end
  return row
end

test("nobody gives what he does not hold", function(t)
  for _, action in ipairs { "internal_user.create", "api_key.create", "role.create" } do
    local function asked(permissions, isOwner)
      return { permissions = permissions, isOwner = isOwner }
    end
    t.allows(action, { actor = lead, input = asked { "view_clients" } })
    t.allows(action, { actor = lead, input = asked { "view_assigned_clients" } })
    t.equal(t.denies(action, { actor = lead, input = asked { "view_clients", "edit_clients" } }), "holds_more")
    t.equal(t.denies(action, { actor = lead, input = asked({ "view_clients" }, true) }), "owners_only")
    t.allows(action, { actor = owner, input = asked({ "view_clients" }, true) })
    t.denies(action, { actor = staff, input = asked { "view_clients" } })
  end
  t.equal(t.denies("internal_user.update",
                   { actor = lead, target = person(), input = { permissions = { "edit_clients" } } }), "holds_more")
  t.equal(t.denies("internal_user.update", { actor = lead, target = person(), input = { isOwner = true } }),
          "owners_only")
  t.allows("internal_user.update", { actor = lead, target = person(), input = { givenName = "D" } })
end)

test("nobody touches who holds more", function(t)
  local above = person { permissions = { "edit_clients" } }
  local boss = person { isOwner = true }

  for _, action in ipairs { "internal_user.update", "internal_user.delete", "internal_user.invite" } do
    local entity = "internal_user"
    t.allows(action, { actor = lead, entity = entity, target = person() })
    t.equal(t.denies(action, { actor = lead, entity = entity, target = above }), "holds_more")
    t.equal(t.denies(action, { actor = lead, entity = entity, target = boss }), "owners_only")
    t.allows(action, { actor = owner, entity = entity, target = boss })
    t.denies(action, { actor = staff, entity = entity, target = person() })
  end
  for _, action in ipairs { "role.update", "role.delete", "api_key.update", "api_key.delete" } do
    local row = { id = test.id("row"), permissions = { "edit_clients" } }
    t.equal(t.denies(action, { actor = lead, target = row }), "holds_more")
    t.allows(action, { actor = owner, target = row })
  end
  t.allows("role.duplicate", { actor = owner, target = { id = test.id("row"), permissions = { "view_clients" } } })
  t.allows("role.duplicate",
           { actor = lead, target = { id = test.id("row"), isOwner = true, permissions = { "view_clients" } } })
end)

test("limited staff makes and changes nobody who sees more", function(t)
  local function asks(is_limited, companies)
    return { permissions = { "view_clients" }, isClientAccessLimited = is_limited, companyAccessList = companies }
  end
  for _, action in ipairs { "internal_user.create", "api_key.create" } do
    t.allows(action, { actor = limited_lead, input = asks(true, { rockets }) })
    t.equal(t.denies(action, { actor = limited_lead, input = asks(true, { rockets, bikes }) }), "company_not_yours")
    t.equal(t.denies(action, { actor = limited_lead, input = asks(false, {}) }), "company_not_yours")
  end
  local own = person { isClientAccessLimited = true, companyAccessList = { rockets } }
  t.allows("internal_user.update", { actor = limited_lead, target = own, input = { givenName = "D" } })
  t.denies("internal_user.update", { actor = limited_lead, target = own, input = { isClientAccessLimited = false } })
  t.denies("internal_user.update", { actor = limited_lead, target = own, input = { companyAccessList = { bikes } } })
  t.denies("internal_user.update", { actor = limited_lead, target = person(), input = { givenName = "D" } })
  t.equal(t.denies("role.update", { actor = limited_lead, target = { permissions = {} } }), "limited")
end)

test("staff of assigned clients sees those, and names no other companies", function(t)
  local asa = { kind = "internalUser", id = test.id("asa"), permissions = { "view_assigned_clients", "edit_clients",
                "create_clients", "view_audit" } }
  local asas_key = { kind = "apiKey", id = test.id("key"), ownerId = asa.id, permissions = { "view_assigned_clients" } }
  local row = { id = test.id("jane"), companyIds = { rockets } }

  t.equal(t.scope("client", { actor = asa }), "account_manager(" .. asa.id .. "), companies()")
  t.equal(t.scope("client", { actor = asas_key }), "account_manager(" .. asa.id .. "), companies()")
  t.equal(t.scope("message_channel", { actor = asa }), "account_manager(" .. asa.id .. "), companies()")
  t.allows("message_channel.list", { actor = asa })
  t.equal(t.scope("audit", { actor = asa }), "nothing")
  t.allows("client.list", { actor = asa })
  t.allows("client.update", { actor = asa, target = row, input = { companyIds = { rockets } } })
  t.denies("client.update", { actor = asa, target = row, input = { companyIds = { bikes } } })
  t.allows("client.create", { actor = asa, input = { givenName = "Lea", accountManagerId = asa.id } })
  t.denies("client.create", { actor = asa, input = { givenName = "Lea" } })
  t.denies("client.create", { actor = asa, input = { accountManagerId = asa.id, companyIds = { bikes } } })
end)

test("one's own keys one sees and revokes", function(t)
  local mine = { id = test.id("mine"), internalUserId = staff.id, permissions = { "edit_settings" } }

  t.equal(t.scope("api_key", { actor = staff }), "own")
  t.equal(t.scope("api_key", { actor = lead }), "everything")
  t.allows("api_key.delete", { actor = staff, target = mine })
  t.denies("api_key.update", { actor = staff, target = mine })
  t.denies("api_key.delete", { actor = staff, target = { id = test.id("other"), permissions = {} } })
  t.denies("api_key.list", { actor = jane })
end)

test("explanations show everybody, so they are not for limited staff", function(t)
  t.denies("policy.explain", { actor = limited })
  t.allows("policy.explain", { actor = { kind = "internalUser", permissions = { "view_audit" } } })
end)

test("settings need their permission", function(t)
  t.allows("workspace.read", { actor = jane })
  t.denies("workspace.update", { actor = staff })
  t.allows("workspace.update", { actor = { kind = "internalUser", permissions = { "edit_settings" } } })
end)

test("people are themselves, programs are not people", function(t)
  for _, actor in ipairs { staff, jane } do
    t.allows("me.update", { actor = actor })
    t.allows("session.list", { actor = actor })
  end
  t.allows("me.read", { actor = key })
  t.denies("me.update", { actor = key })
  t.denies("session.delete", { actor = key })
end)

test("what happened to all is not for staff that is limited to some", function(t)
  t.equal(t.scope("audit", { actor = limited }), "nothing")
  t.equal(t.scope("decision", { actor = limited }), "nothing")
  t.denies("event.list", { actor = limited })
  t.allows("event.list", { actor = staff })
end)

test("explanations show everybody, so they are not for limited staff", function(t)
  t.denies("policy.explain", { actor = limited })
  t.allows("policy.explain", { actor = { kind = "internalUser", permissions = { "view_audit" } } })
end)

test("plugins show to staff and to clients what is for them", function(t)
  t.allows("dashboard.open", { actor = staff })
  t.allows("dashboard.open", { actor = key })
  t.denies("dashboard.open", { actor = jane })
  t.allows("portal.open", { actor = jane })
  t.denies("portal.open", { actor = staff })
  t.denies("portal.open", { actor = { kind = "nobody" } })
end)

test("only operators touch scripts", function(t)
  local operator = { kind = "internalUser", mayOperate = true }
  local admin_of_settings = { kind = "internalUser", isOwner = true, permissions = { "edit_settings" } }

  for _, action in ipairs { "script.list", "script.read", "script.update", "plugin.reload", "plugin.rollback" } do
    t.allows(action, { actor = operator })
    t.denies(action, { actor = admin_of_settings })
  end
end)

test("plugins are switched and set by whoever may manage them, and seen by whoever sees settings", function(t)
  local manager = { kind = "internalUser", permissions = { "manage_plugins" } }
  local viewer = { kind = "internalUser", permissions = { "view_settings", "edit_settings" } }
  local confined = { kind = "internalUser", permissions = { "manage_plugins" }, limitedTo = { t.id("rockets") } }

  for _, action in ipairs { "plugin.list", "plugin.read" } do
    t.allows(action, { actor = manager })
    t.allows(action, { actor = viewer })
    t.allows(action, { actor = { kind = "internalUser", mayOperate = true } })
    t.denies(action, { actor = { kind = "client" } })
  end
  t.allows("plugin.update", { actor = manager })
  t.denies("plugin.update", { actor = viewer })
  t.denies("plugin.update", { actor = confined })
end)

test("webhooks are of whoever may manage them, and of nobody who is limited", function(t)
  local manager = { kind = "internalUser", permissions = { "manage_webhooks" } }
  local confined = { kind = "internalUser", permissions = { "manage_webhooks" }, limitedTo = { t.id("rockets") } }
  local of_settings = { kind = "internalUser", permissions = { "view_settings", "edit_settings", "manage_plugins" } }

  for _, verb in ipairs { "list", "read", "create", "update", "delete", "secret", "test", "replay" } do
    t.allows("webhook_endpoint." .. verb, { actor = manager })
    t.denies("webhook_endpoint." .. verb, { actor = confined })
    t.denies("webhook_endpoint." .. verb, { actor = of_settings })
    t.denies("webhook_endpoint." .. verb, { actor = { kind = "client" } })
  end
  t.allows("event.create", { actor = manager })
  t.denies("event.create", { actor = { kind = "client" } })
  t.equal(t.scope("webhook_endpoint", { actor = manager }), "everything")
  t.equal(t.scope("webhook_endpoint", { actor = confined }), "nothing")
end)

test("work on all clients of a company needs the permission for one", function(t)
  local deleter = { kind = "internalUser", id = test.id("dan"), permissions = { "view_clients", "delete_clients" } }
  local function about(actor) return { actor = actor, target = rockets_row } end

  t.allows("company.delete_clients", about(deleter))
  t.allows("company.move_clients", about(staff))
  for _, actor in ipairs { key, jane, admin, nobody } do
    t.denies("company.delete_clients", about(actor))
    t.denies("company.move_clients", about(actor))
  end
  t.denies("company.delete_clients", about(staff))
end)

test("an operation is seen and cancelled by whoever began it", function(t)
  local auditor = { kind = "internalUser", id = test.id("ada"), permissions = { "view_audit" } }
  local keeper_of_settings = { kind = "internalUser", id = test.id("sue"), permissions = { "edit_settings" } }
  local function of(actor, behalf)
    local holder = behalf and behalf.id
    return { id = test.id("operation"), kind = "invite.create", actorId = actor.id, onBehalfOfId = holder }
  end
  local function about(actor, operation) return { actor = actor, entity = "operation", target = operation } end

  t.equal(t.scope("operation", { actor = staff }), "own")
  t.equal(t.scope("operation", { actor = jane }), "own")
  t.equal(t.scope("operation", { actor = limited }), "own")
  t.equal(t.scope("operation", { actor = auditor }), "everything")
  t.equal(t.scope("operation", { actor = {
    kind = "internalUser", permissions = { "view_audit", "view_assigned_clients" },
  } }), "own")
  t.equal(t.scope("operation", { actor = nobody }), "nothing")
  auditor.permissions = { "view_audit", "view_assigned_clients" }
  t.equal(t.scope("operation", { actor = auditor }), "own")
  auditor.permissions = { "view_audit" }
  for _, action in ipairs { "operation.list", "operation.read" } do
    t.allows(action, about(staff, of(staff)))
    t.denies(action, about(nobody, of(staff)))
  end
  t.allows("operation.cancel", about(staff, of(staff)))
  t.allows("operation.cancel", about(staff, of(key, staff)))
  t.allows("operation.cancel", about(keeper_of_settings, of(staff)))
  t.denies("operation.cancel", about(auditor, of(staff)))
  t.denies("operation.cancel", about(jane, of(staff)))
  t.denies("operation.cancel", about(nobody, of(staff)))
end)
