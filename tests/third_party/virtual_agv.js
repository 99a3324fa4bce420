// One mobile robot made of the published library alone: its controller with its virtual vehicle, VDA 5050 2.0.
// Configured by one JSON argument:
//   {"broker", "user", "password", "interface", "manufacturer", "serial", "position", "adapter", "controller"}
"use strict";
const { AgvController, VirtualAgvAdapter } = require("vda-5050-lib");

const given = JSON.parse(process.argv[2]);
const controller = new AgvController(
    { manufacturer: given.manufacturer, serialNumber: given.serial },
    {
        interfaceName: given.interface,
        transport: { brokerUrl: given.broker, username: given.user, password: given.password },
        vdaVersion: "2.0.0",
    },
    { agvAdapterType: VirtualAgvAdapter, ...(given.controller || {}) },
    { initialPosition: given.position, ...(given.adapter || {}) },
);

process.once("SIGTERM", async () => {
    await controller.stop();
    process.exit(0);
});
controller.start().then(() => console.log("started"));
