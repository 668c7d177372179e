"""A charm that uses as much of ops as a machine charm does, and tells what it saw."""

import json
import logging
import os
import time

import ops

logger = logging.getLogger(__name__)


class Ready(ops.EventBase):
    """Has a payload, so that it has to survive in ops' storage."""

    def __init__(self, handle, word="?"):
        super().__init__(handle)
        self.word = word

    def snapshot(self):
        return {"word": self.word}

    def restore(self, snapshot):
        self.word = snapshot["word"]


class OwnEvents(ops.CharmEvents):
    ready = ops.EventSource(Ready)


class OpsCharm(ops.CharmBase):
    on = OwnEvents()
    stored = ops.StoredState()

    def __init__(self, framework):
        super().__init__(framework)
        self.stored.set_default(hooks=0, deferred=0, custom=[], config={})
        self.stored.hooks += 1
        for name in ("install", "start", "leader_elected", "upgrade_charm", "update_status", "stop", "remove"):
            framework.observe(getattr(self.on, name), self.lifecycle)
        for endpoint in ("cluster", "server", "client"):
            for kind in ("created", "joined", "changed", "departed", "broken"):
                framework.observe(getattr(self.on[endpoint], f"relation_{kind}"), self.relation)
        for action in ("look", "echo", "fail", "chatter", "share", "refused", "ports"):
            framework.observe(self.on[action].action, getattr(self, action))
        framework.observe(self.on.config_changed, self.config_changed)
        framework.observe(self.on.ready, self.ready)
        framework.observe(self.on.collect_unit_status, self.collect_unit)
        framework.observe(self.on.collect_app_status, self.collect_app)

    def note(self, text):
        """Keeps what happened in a file that the test reads."""
        with open(self.charm_dir / "events.txt", "a") as file:
            file.write(text + "\n")

    def lifecycle(self, event):
        self.note(os.environ["JUJU_HOOK_NAME"])
        if isinstance(event, ops.StartEvent):
            self.unit.set_ports(80, ops.Port("udp", 53), ops.Port("icmp", None))
            self.unit.set_workload_version("1.2.3 beta")
            self.on.ready.emit("steady")

    def ready(self, event):
        self.stored.custom = [*self.stored.custom, event.word]

    def config_changed(self, event):
        if self.config["crash"]:
            raise RuntimeError("asked to crash")
        if self.config["defer"]:
            self.stored.deferred += 1
            self.note("deferred")
            event.defer()
            return
        self.stored.config = dict(self.config)
        self.note("config " + json.dumps(dict(self.config), sort_keys=True))

    def relation(self, event):
        kind = os.environ["JUJU_HOOK_NAME"]
        relation = event.relation
        unit = event.unit.name if event.unit else "-"
        words = [kind, relation.app.name if relation.app else "?", unit]
        if isinstance(event, ops.RelationDepartedEvent):
            words.append("departing=" + event.departing_unit.name)
        units = sorted(unit.name for unit in relation.units)
        words.append("units=" + ",".join(units))
        words.append(f"active={relation.active}")
        if isinstance(event, ops.RelationBrokenEvent):
            words.append(f"listed={len(self.model.relations[relation.name])}")
        words.append("remote=" + json.dumps(dict(relation.data[relation.app]), sort_keys=True))
        # ops does not give the data of a departed peer.
        if event.unit in relation.data:
            seen = {k: v for k, v in relation.data[event.unit].items() if "address" not in k and "egress" not in k}
            words.append("unit=" + json.dumps(seen, sort_keys=True))
        self.note(" ".join(words))
        if isinstance(event, ops.RelationCreatedEvent):
            relation.data[self.unit]["hello"] = self.unit.name
            if self.unit.is_leader():
                relation.data[self.app]["leader"] = self.unit.name
                assert relation.data[self.app]["leader"] == self.unit.name
            if relation.name == "client":
                binding = self.model.get_binding(relation)
                relation.data[self.unit]["bind"] = str(binding.network.bind_address)

    def collect_unit(self, event):
        event.add_status(ops.ActiveStatus(self.config["text"]))
        if self.config["count"] < 0:
            event.add_status(ops.BlockedStatus("count -- is negative"))

    def collect_app(self, event):
        event.add_status(ops.ActiveStatus(f"{self.app.planned_units()} planned"))

    def look(self, event):
        binding = self.model.get_binding("admin")
        seen = {
            "config": dict(self.config),
            "leader": self.unit.is_leader(),
            "unit-status": [self.unit.status.name, self.unit.status.message],
            "planned": self.app.planned_units(),
            "ports": sorted(str((port.protocol, port.port)) for port in self.unit.opened_ports()),
            "bind": str(binding.network.bind_address),
            "ingress": str(binding.network.ingress_address),
            "egress": [str(subnet) for subnet in binding.network.egress_subnets],
            "interface": binding.network.interfaces[0].name,
            "model": [self.model.name, self.model.uuid],
            "stored": {"hooks": self.stored.hooks, "deferred": self.stored.deferred,
                       "custom": list(self.stored.custom), "config": dict(self.stored.config)},
            "version": [ops.__version__, str(ops.JujuVersion.from_environ())],
            "relations": {},
        }
        if self.unit.is_leader():
            seen["app-status"] = [self.app.status.name, self.app.status.message]
        try:
            seen["blob"] = self.model.resources.fetch("blob").read_text()
        except ops.ModelError as error:
            seen["blob-error"] = str(error)
        for name, relations in self.model.relations.items():
            for relation in relations:
                bags = {entity.name: dict(relation.data[entity])
                        for entity in [*relation.units, self.unit, relation.app]}
                try:
                    bags["own app"] = dict(relation.data[self.app])
                except (ops.RelationDataError, ops.ModelError) as error:
                    bags["own app"] = type(error).__name__
                seen["relations"][f"{name}:{relation.app.name}"] = bags
        event.set_results({"seen": json.dumps(seen)})

    def echo(self, event):
        event.log("first -- logged")
        event.log("second\nline")
        event.set_results({"params": json.dumps(event.params, sort_keys=True), "nested": {"a": {"b": 1}, "c": "x=y\nz"}})
        event.set_results({"more": "--dashes"})

    def fail(self, event):
        if event.params.get("how") == "raise":
            raise RuntimeError("raised in an action")
        event.set_results({"partial": "yes"})
        event.fail("it -- failed")

    def chatter(self, event):
        start = time.monotonic()
        for number in range(event.params["lines"]):
            logger.info("line %d", number)
        event.set_results({"seconds": f"{time.monotonic() - start:.2f}"})

    def share(self, event):
        entity = self.app if event.params["app"] else self.unit
        try:
            for relation in self.model.relations[event.params["endpoint"]]:
                relation.data[entity].update(event.params["data"])
                event.set_results({"own": json.dumps(dict(relation.data[entity]))})
        except (ops.RelationDataError, ops.ModelError) as error:
            event.fail(f"{type(error).__name__}: {error}")

    def refused(self, event):
        def say(call):
            try:
                return f"no error: {call()}"
            except Exception as error:
                return f"{type(error).__name__}: {error}"

        event.set_results({
            "add": say(lambda: self.unit.add_secret({"key": "value"})),
            "get": say(lambda: self.model.get_secret(label="x")),
            "reboot": say(lambda: self.unit.reboot()),
            "storage": say(lambda: self.model.storages.request("disk")),
            "cloud": say(lambda: self.model.get_cloud_spec()),
        })

    def ports(self, event):
        self.unit.set_ports(*event.params["ports"])
        event.set_results({"now": json.dumps(sorted(str(port.port) for port in self.unit.opened_ports()))})


if __name__ == "__main__":
    # A test that adds this file has ops keep its state with state-set instead of in .unit-state.db.
    ops.main(OpsCharm, use_juju_for_storage=os.path.exists("state-in-juju"))
