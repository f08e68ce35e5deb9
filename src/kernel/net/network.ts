// The network of one machine: socket families and the names bound in them. `new Network()` goes into kernel.net.

export class Network {
}
