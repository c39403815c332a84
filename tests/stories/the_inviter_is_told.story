# The inviter is told when somebody accepts
proves: S10, A1

workspace "Rocket Agency" owned by owner@example.com

owner POST {sign_in}
  password=twelve green bottles
=> 303
mail to owner@example.com
  subject ~ password

owner POST /v1/clients?sendInvite=true
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
=> 200
  status = "invited"
mail to ann@example.com
  link as invite
ann POST {invite}
  password=a ladder of wet moss
=> 303
mail to owner@example.com
  subject ~ Ann Lee
  text ~ accepted
