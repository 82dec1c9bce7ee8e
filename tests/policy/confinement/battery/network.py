"""Attacks through sockets of every kind."""

import errno
import socket

from battery.scene import Register, Scene

NETWORK = Register()
_MPTCP = 262


@NETWORK.attack()
def tcp(scene: Scene) -> object:
    return socket.create_connection(("127.0.0.1", scene.tcp), timeout=5)


@NETWORK.attack()
def tcp_over_ipv6(scene: Scene) -> object:
    code = socket.socket(socket.AF_INET6, socket.SOCK_STREAM).connect_ex(("::1", scene.tcp))
    if code not in {0, errno.ECONNREFUSED}:  # a refusal by the other side came through the network
        raise OSError(code, "connect")
    return True


@NETWORK.attack()
def tcp_fast_open(scene: Scene) -> object:
    return socket.socket().sendto(b"out", socket.MSG_FASTOPEN, ("127.0.0.1", scene.tcp))


@NETWORK.attack()
def multipath_tcp(scene: Scene) -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM, _MPTCP).connect(("127.0.0.1", scene.tcp))


@NETWORK.attack()
def listen_tcp(scene: Scene) -> object:  # noqa: ARG001
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener.listen()


@NETWORK.attack()
def udp(scene: Scene) -> object:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"out", ("127.0.0.1", scene.udp))


@NETWORK.attack()
def unix_socket_by_path(scene: Scene) -> object:
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"out", f"{scene.folder}/listener")


@NETWORK.attack()
def unix_socket_by_name(scene: Scene) -> object:
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"out", "\0" + scene.abstract)


@NETWORK.attack()
def pair_of_sockets(scene: Scene) -> object:  # noqa: ARG001
    return socket.socketpair()


@NETWORK.attack()
def netlink(scene: Scene) -> object:  # noqa: ARG001
    return socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).bind((0, 0))


@NETWORK.attack()
def packets(scene: Scene) -> object:  # noqa: ARG001
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)


@NETWORK.attack()
def raw_internet(scene: Scene) -> object:  # noqa: ARG001
    return socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


@NETWORK.attack()
def kernel_ciphers(scene: Scene) -> object:  # noqa: ARG001
    return socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)


@NETWORK.attack()
def host_of_the_machine(scene: Scene) -> object:  # noqa: ARG001
    return socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM, 0)
