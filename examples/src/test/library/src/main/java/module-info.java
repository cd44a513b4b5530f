module org.example {
    requires jkvm.devices;
}
