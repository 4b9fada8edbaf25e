// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CityToken} from "../../contracts/CityToken.sol";
import {City} from "./City.sol";
import {vm} from "./Vm.sol";

/// @notice Makes only legal moves of tokens, and remembers what was funded, settled and held.
contract CityTokenHandler {
    uint256 public funded;
    uint256 public settled;
    mapping(address account => uint256) public held;
    address[5] public accounts;

    CityToken private immutable token;
    address private immutable treasurer;

    /// @param accounts_ The treasurer, two residents, two merchants.
    constructor(CityToken token_, address[5] memory accounts_) {
        token = token_;
        treasurer = accounts_[0];
        accounts = accounts_;
    }

    function fund(uint256 to, uint96 amount) external {
        if (amount == 0) return;
        address account = accounts[to % 5];
        vm.prank(treasurer);
        token.mint(account, amount, "fund");
        funded += amount;
        held[account] += amount;
    }

    function settle(uint96 amount) external {
        if (held[treasurer] == 0) return;
        uint256 taken = 1 + amount % held[treasurer];
        vm.prank(treasurer);
        token.burn(taken, "settle");
        settled += taken;
        held[treasurer] -= taken;
    }

    function grant(uint256 resident, uint96 amount) external {
        pay(treasurer, accounts[1 + resident % 2], amount);
    }

    function spend(uint256 resident, uint256 merchant, uint96 amount) external {
        pay(accounts[1 + resident % 2], accounts[3 + merchant % 2], amount);
    }

    function bringBack(uint256 from, uint96 amount) external {
        pay(accounts[1 + from % 4], treasurer, amount);
    }

    function pay(address from, address to, uint256 amount) private {
        uint256 paid = amount % (held[from] + 1);
        vm.prank(from);
        token.transfer(to, paid);
        held[from] -= paid;
        held[to] += paid;
    }
}

/// @notice P4: tokens in circulation are what was funded less what was settled, wherever they are.
contract CityTokenInvariantTest is City {
    CityTokenHandler private handler;
    address[5] private accounts;

    function setUp() public override {
        super.setUp();
        accounts = [treasurer, named("resident"), named("neighbour"), named("shop"), named("stall")];
        registerOne(accounts[3]);
        registerOne(accounts[4]);
        handler = new CityTokenHandler(token, accounts);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_circulation_is_funded_less_settled() public view {
        vm.assertEq(token.totalSupply(), handler.funded() - handler.settled());
    }

    function invariant_everybody_holds_what_was_paid_to_them_and_the_sum_is_the_supply()
        public
        view
    {
        uint256 sum;
        for (uint256 i = 0; i < accounts.length; ++i) {
            vm.assertEq(token.balanceOf(accounts[i]), handler.held(accounts[i]));
            sum += token.balanceOf(accounts[i]);
        }
        vm.assertEq(sum, token.totalSupply());
    }
}
