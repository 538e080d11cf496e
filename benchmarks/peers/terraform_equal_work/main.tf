# The same calls as the package makes for a new app (read, write, read what is in force), by one curl process
# over one connection. What the reads answer is not looked at.

variable "endpoint" { type = string }
variable "tokens" {
  type      = map(string)
  sensitive = true
}

locals {
  apps = { for app in jsondecode(file("${path.module}/fleet.json")) : app.appid => app }
}

resource "terraform_data" "domains" {
  for_each         = local.apps
  triggers_replace = each.value.domains
  input = {
    list      = "${var.endpoint}/wxa/setwebviewdomain_directly?access_token=${var.tokens[each.key]}"
    effective = "${var.endpoint}/wxa/get_effective_webviewdomain?access_token=${var.tokens[each.key]}"
    domains   = jsonencode(each.value.domains)
  }

  provisioner "local-exec" {
    command = <<-EOT
      curl --silent --show-error --fail '${self.input.list}' --data '{"action": "get"}' --next \
        --silent --show-error --fail '${self.input.list}' \
        --data '{"action": "set", "webviewdomain": ${self.input.domains}}' --next \
        --silent --show-error --fail '${self.input.effective}' --data '{}'
    EOT
  }

  provisioner "local-exec" {
    when    = destroy
    command = <<-EOT
      curl --silent --show-error --fail '${self.input.list}' --data '{"action": "get"}' --next \
        --silent --show-error --fail '${self.input.list}' \
        --data '{"action": "delete", "webviewdomain": ${self.input.domains}}'
    EOT
  }
}
